using System.Collections.Concurrent;

namespace Larder.Tiers;

/// <summary>
/// Which tags have been removed, and when, in the count of the cache's versions. Removing a tag is one note here, however many entries bear it: they are
/// judged when they are read.
/// </summary>
/// <remarks>
/// Bounded: beyond <see cref="Most"/> tags the older half is forgotten, and whatever bears a tag and was last judged before the newest of those is taken to have
/// been removed with them (<see cref="_floor"/>), which costs loads and is counted.
/// </remarks>
internal sealed class TagRemovals(Func<long> version, Func<long> nextVersion)
{
    internal const int Most = 16_384;

    private readonly Lock _gate = new(); // Taken by who removes.
    private readonly ConcurrentDictionary<string, long> _removed = new();
    private int _held; // Guarded by _gate: how many there are in _removed, which would have to be counted.
    private long _latest; // Written under _gate, after _removed.
    private long _floor; // Written under _gate, before what lies below it is forgotten.
    private long _count;
    private long _collapses;

    /// <summary>The version of the latest removal; zero if there was none. What was judged at it, or begun after it, need not be judged.</summary>
    internal long Latest => Volatile.Read(ref _latest);

    /// <summary>The number of the cache's latest write.</summary>
    internal long Version => version();

    /// <summary>How many tags have been removed.</summary>
    internal long Count => Volatile.Read(ref _count);

    /// <summary>How often removals had to be forgotten.</summary>
    internal long Collapses => Volatile.Read(ref _collapses);

    /// <summary>The tag is removed: what bears it and began before this is not served any more.</summary>
    internal void Add(string tag)
    {
        lock (_gate)
        {
            if (_held >= Most) ForgetOlderHalfLocked();
            long now = nextVersion();
            if (_removed.TryAdd(tag, now)) _held++;
            else _removed[tag] = now;
            _count++;
            Volatile.Write(ref _latest, now);
        }
    }

    /// <summary>Whether one of the tags has been removed since.</summary>
    internal bool Reaches(TagSet tags, long since)
    {
        foreach (var tag in tags)
            if (_removed.TryGetValue(tag, out long at) && at > since) return true;
        return tags.Count > 0 && Volatile.Read(ref _floor) > since; // Last: what has been forgotten meanwhile lies below it.
    }

    private void ForgetOlderHalfLocked()
    {
        var older = _removed.OrderBy(static removal => removal.Value).Take(Most / 2).ToArray();
        Volatile.Write(ref _floor, older[^1].Value);
        foreach (var (tag, _) in older) _removed.TryRemove(tag, out _);
        _held -= older.Length;
        _collapses++;
    }
}
