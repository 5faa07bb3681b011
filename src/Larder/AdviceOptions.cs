namespace Larder;

/// <summary>Has a cache find out, from a sample of what it is asked for, what another capacity or another policy would do. See <see cref="CacheAdvice"/>.</summary>
/// <remarks>
/// <para>
/// A hit of a key outside the sample costs what it costs without. In the sample is every key of a cache with at most <see cref="Keys"/> entries, and one in ten where
/// there are ten times as many: a hit of these costs about 12 ns more. The work is done once a second on the thread pool, on at most 8,192 uses, which
/// take some fifty milliseconds of one core; what comes beyond is not listened to.
/// </para>
/// <para>Memory, once the cache is asked for anything: about 3 MB with the default, 0.9 with the fewest keys and 9 with the most; 0.5 in a cache of 100 entries.</para>
/// </remarks>
/// <example><code>
/// var users = new Cache&lt;string, User&gt;(new() { Capacity = 100_000, Advice = new() });
/// // later
/// foreach (string sentence in users.Advice!.Sentences) Console.WriteLine(sentence);   // Twice the capacity: +3.1 points.
/// </code></example>
public sealed record AdviceOptions
{
    internal const int FewestKeys = 256, MostKeys = 4096;

    /// <summary>How many entries the miniatures of the cache hold: 256 to 4,096. More is more exact, and takes more memory and time in proportion. Default: 1,024.</summary>
    public int Keys { get; init; } = 1024;

    /// <summary>Where chance starts; null for anywhere.</summary>
    internal uint? Seed { get; init; }

    internal IEnumerable<string> Faults(string name)
    {
        if (Keys is < FewestKeys or > MostKeys) yield return $"{name}.{nameof(Keys)} is {Keys}; it must be from {FewestKeys} to {MostKeys}.";
    }
}
