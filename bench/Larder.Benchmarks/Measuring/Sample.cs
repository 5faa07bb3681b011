namespace Larder.Benchmarks.Measuring;

/// <summary>One round of one side.</summary>
internal readonly record struct Sample(long Operations, long Hits, long Bytes, double OperationsPerNanosecond)
{
    internal double Nanoseconds => 1 / OperationsPerNanosecond;

    /// <summary>Both at once, by two threads.</summary>
    public static Sample operator +(Sample a, Sample b) =>
        new(a.Operations + b.Operations, a.Hits + b.Hits, a.Bytes + b.Bytes, a.OperationsPerNanosecond + b.OperationsPerNanosecond);
}
