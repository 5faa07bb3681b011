namespace Larder.Benchmarks.Measuring;

/// <summary>One operation upon one cache, as a user would write it. A struct without type arguments of reference type, so that the compiler sees the exact types.</summary>
internal interface IProbe
{
    /// <summary>How many operations there are before they begin anew.</summary>
    int Length { get; }

    /// <summary>Does the operation of that position. Returns whether it hit; what it found goes to <paramref name="value"/>.</summary>
    bool Do(int position, out object? value);
}
