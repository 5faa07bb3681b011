namespace Larder.Loading;

/// <summary>Tells whether two reads want the same work: the cache's own loaders, or one function, whatever it captured.</summary>
internal static class Works
{
    internal static bool AreSame(object a, object b) =>
        a == b
        || (a is Delegate one && b is Delegate other && one.Method == other.Method)
        || (a is Skipping mine && b is Skipping its && mine.Skip == its.Skip && AreSame(mine.Work, its.Work));

    /// <summary>The work of a call that skips something of what loads it, and so does not share with those that do not.</summary>
    internal static object Of(object work, Skip skip)
    {
        skip &= Skip.MemoryWrite | Skip.Tiers | Skip.Loaders;
        return skip == Skip.None ? work : new Skipping(work, skip);
    }

    private sealed record Skipping(object Work, Skip Skip);
}
