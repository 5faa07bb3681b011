using Larder.Memory;

namespace Larder.Loading;

/// <summary>How old what is there for a key is. An instant belongs to the later age.</summary>
internal enum EntryAge
{
    /// <summary>Nothing is there, or what is there is gone.</summary>
    None,

    /// <summary>Served.</summary>
    Fresh,

    /// <summary>Served, and refreshed behind the reader's back.</summary>
    Stale,

    /// <summary>A fallback only.</summary>
    Expired,

    /// <summary>A remembered absence: served as such.</summary>
    Absent,
}

internal static class EntryAges
{
    internal static EntryAge Of<TKey, TValue>(Entry<TKey, Kept<TValue>>? entry, long now)
    {
        if (entry is null || now >= entry.ExpiresAt) return EntryAge.None;
        if (entry.IsAbsent) return EntryAge.Absent;
        return now < entry.Value.FreshUntil ? EntryAge.Fresh : now < entry.Value.StaleUntil ? EntryAge.Stale : EntryAge.Expired;
    }

    /// <summary>What a read that meets an entry of this age reports.</summary>
    internal static ReadStatus StatusOf(EntryAge age) => age switch
    {
        EntryAge.Fresh => ReadStatus.Hit,
        EntryAge.Stale => ReadStatus.Stale,
        EntryAge.Expired => ReadStatus.Expired,
        EntryAge.Absent => ReadStatus.Absent,
        _ => ReadStatus.Miss,
    };
}
