namespace Larder.Eviction;

/// <summary>The hashes of the keys that left last, oldest first, exactly and in constant time, taken over many calls.</summary>
internal sealed class GhostList
{
    // Room for keys that were taken back, which wait in the order until they come to its end or have become too many.
    private const int Slack = 16;

    // Hashes in the order they came, some of them taken back since or come again later: those whose number is not the one in _latest.
    // Invariant: every hash of _latest is here, under its number.
    private readonly Queue<(int Hash, long Number)> _order = new();
    private readonly Dictionary<int, long> _latest = [];
    private long _number;

    internal int Count => _latest.Count;

    internal void Add(int hash, long limit)
    {
        _latest[hash] = ++_number;
        _order.Enqueue((hash, _number));
        Trim(limit);
    }

    /// <summary>Whether the key was remembered; it no longer is.</summary>
    internal bool Remove(int hash) => _latest.Remove(hash);

    /// <summary>Forgets the oldest until so many are left.</summary>
    internal void Trim(long limit)
    {
        limit = Math.Max(0, limit);
        while (_latest.Count > limit)
        {
            var (hash, number) = _order.Dequeue();
            if (IsLatest(hash, number)) _latest.Remove(hash);
        }

        if (_order.Count > 2 * limit + Slack) DropTakenBack();
    }

    // At most as many are left as the limit allows, so it is long until the next time.
    private void DropTakenBack()
    {
        for (int turns = _order.Count; turns > 0; turns--)
        {
            var (hash, number) = _order.Dequeue();
            if (IsLatest(hash, number)) _order.Enqueue((hash, number));
        }
    }

    private bool IsLatest(int hash, long number) => _latest.TryGetValue(hash, out long latest) && latest == number;
}
