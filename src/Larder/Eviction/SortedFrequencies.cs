namespace Larder.Eviction;

/// <summary>Entries in order of their count, and within a count in order of use. Raising a count by one takes constant time.</summary>
internal sealed class SortedFrequencies
{
    // One level per count that occurs. Invariant: linked in ascending order from _lowest, none of them empty.
    private readonly Dictionary<ushort, Level> _levels = [];
    private Level? _lowest;

    // Levels out of use, linked by Higher: counts come and go with every use, and are not to cost an allocation each.
    private Level? _spare;

    internal int Count { get; private set; }

    internal EntryList ListOf(EvictionNode node) => _levels[node.Count].Entries;

    /// <summary>Adds an entry whose count is 1.</summary>
    internal void Add(EvictionNode node)
    {
        LevelAfter(null, node.Count).Entries.AddNewest(node);
        Count++;
    }

    internal void Raise(EvictionNode node)
    {
        var level = _levels[node.Count];
        level.Entries.Remove(node);
        node.Count++;
        LevelAfter(level, node.Count).Entries.AddNewest(node);
        DropIfEmpty(level);
    }

    internal void Remove(EvictionNode node)
    {
        var level = _levels[node.Count];
        level.Entries.Remove(node);
        Count--;
        DropIfEmpty(level);
    }

    /// <summary>The least recently used of the lowest count, other than <paramref name="except"/> unless that is the only entry.</summary>
    internal EvictionNode Least(EvictionNode? except)
    {
        var entries = _lowest!.Entries;
        var least = entries.Oldest!;
        if (least != except) return least;
        return entries.NewerThan(least) ?? _lowest.Higher?.Entries.Oldest ?? least;
    }

    /// <summary>Halves every count, keeping the order.</summary>
    internal void Halve()
    {
        var inOrder = new List<EvictionNode>(Count);
        for (var level = _lowest; level is not null; level = level.Higher)
            while (level.Entries.Oldest is { } node)
            {
                level.Entries.Remove(node);
                inOrder.Add(node);
            }

        _levels.Clear();
        _lowest = null;
        Level? last = null;
        foreach (var node in inOrder)
        {
            node.Count = (ushort)Math.Max(1, node.Count / 2);
            last = last?.Count == node.Count ? last : LevelAfter(last, node.Count);
            last.Entries.AddNewest(node);
        }
    }

    // The level of a count that is next above the given level's, or lowest after none.
    private Level LevelAfter(Level? lower, ushort count)
    {
        if (_levels.TryGetValue(count, out var level)) return level;
        level = TakeSpare() ?? new Level();
        (level.Count, level.Lower, level.Higher) = (count, lower, lower is null ? _lowest : lower.Higher);
        if (level.Higher is not null) level.Higher.Lower = level;
        if (lower is null) _lowest = level;
        else lower.Higher = level;
        _levels.Add(count, level);
        return level;
    }

    private void DropIfEmpty(Level level)
    {
        if (level.Entries.Count > 0) return;
        if (level.Higher is not null) level.Higher.Lower = level.Lower;
        if (level.Lower is null) _lowest = level.Higher;
        else level.Lower.Higher = level.Higher;
        _levels.Remove(level.Count);
        (level.Lower, level.Higher) = (null, _spare);
        _spare = level;
    }

    private Level? TakeSpare()
    {
        var level = _spare;
        _spare = level?.Higher;
        return level;
    }

    private sealed class Level
    {
        // Constant while the level is in use.
        internal ushort Count;
        internal readonly EntryList Entries = new();
        internal Level? Lower;
        internal Level? Higher;
    }
}
