using System.Diagnostics;

namespace Larder.Benchmarks.Measuring;

/// <summary>One side of a comparison: a cache and the threads that use it.</summary>
internal sealed class Side(string name, params Worker[] workers)
{
    private readonly List<Sample> _rounds = [];

    internal string Name => name;

    /// <summary>Nanoseconds per operation of all threads together: the median of the rounds.</summary>
    internal double Nanoseconds
    {
        get
        {
            double[] sorted = [.. _rounds.Select(static round => round.Nanoseconds).Order()];
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }

    internal double MillionsPerSecond => 1000 / Nanoseconds;

    internal double BytesPerOperation => (double)_rounds.Sum(static round => round.Bytes) / _rounds.Sum(static round => round.Operations);

    internal double HitRatio => (double)_rounds.Sum(static round => round.Hits) / _rounds.Sum(static round => round.Operations);

    /// <summary>Runs for a while, unrecorded.</summary>
    internal void WarmUp(TimeSpan duration) => Run(duration);

    /// <summary>Runs for a while, recorded.</summary>
    internal void Round(TimeSpan duration) => _rounds.Add(Run(duration));

    private Sample Run(TimeSpan duration)
    {
        if (workers is [var only]) return Run(only, duration);

        // Each thread divides its own operations by its own time, so that one which starts or ends late distorts nothing.
        var samples = new Sample[workers.Length];
        using var start = new Barrier(workers.Length);
        var threads = workers.Select((worker, i) => new Thread(() =>
        {
            start.SignalAndWait();
            samples[i] = Run(worker, duration);
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return samples.Aggregate(static (a, b) => a + b);
    }

    private static Sample Run(Worker worker, TimeSpan duration)
    {
        long passes = 0, hits = 0;
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            hits += worker.Pass();
            passes++;
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < duration);

        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        long operations = passes * Worker.PassLength;
        return new(operations, hits, bytes, operations / elapsed.TotalNanoseconds);
    }
}
