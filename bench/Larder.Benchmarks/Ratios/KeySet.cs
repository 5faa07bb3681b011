namespace Larder.Benchmarks.Ratios;

/// <summary>Keys as applications have them, and the order in which they are asked for.</summary>
internal static class KeySet
{
    /// <summary>The one value of all entries: only the cache itself is measured.</summary>
    internal static object Value { get; } = new();

    internal static int[] Ints(int count) => [.. Enumerable.Range(1, count)];

    internal static long[] Longs(int count) => [.. Enumerable.Range(1, count).Select(static i => (long)i)];

    internal static string[] Strings(int count) => [.. Enumerable.Range(1, count).Select(static i => $"user:{10_000 + i}")];

    /// <summary>A walk over all keys in a shuffled order, the same in every run; of one key, over and over.</summary>
    internal static TKey[] Walk<TKey>(TKey[] keys, int length)
    {
        var walk = new TKey[length];
        for (int i = 0; i < length; i++) walk[i] = keys[i % keys.Length];
        new Random(12345).Shuffle(walk);
        return walk;
    }

    /// <summary>Draws keys so that the k-th most popular comes in proportion to k^-exponent; which those are is shuffled.</summary>
    internal static TKey[] Zipf<TKey>(TKey[] keys, int length, double exponent, int seed)
    {
        var popular = keys.ToArray();
        new Random(54321).Shuffle(popular);
        var cumulative = new double[popular.Length];
        double sum = 0;
        for (int i = 0; i < cumulative.Length; i++) cumulative[i] = sum += Math.Pow(i + 1, -exponent);

        var random = new Random(seed);
        var drawn = new TKey[length];
        for (int i = 0; i < length; i++)
        {
            int at = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            drawn[i] = popular[at < 0 ? ~at : at];
        }

        return drawn;
    }
}
