namespace Larder.Memory;

/// <summary>
/// The one capacity that all shards share. A shard may hold more than its share while others hold less, so a cache fills
/// before it evicts; together they hold no more than the capacity.
/// </summary>
/// <remarks>
/// Invariant: once no writer is inside the cache, the shards' weights sum to at most <see cref="Capacity"/>. While writers
/// are inside, the sum may exceed it by what each of them is adding: at most one entry per thread.
/// </remarks>
internal sealed class CapacityBound
{
    // Each is written by its shard, under that shard's lock, after it has made room: a full cache writes nothing here.
    private readonly long[] _weights;
    private readonly long[] _shares;
    private long _capacity;

    internal CapacityBound(long capacity, int shards)
    {
        _weights = new long[shards];
        _shares = new long[shards];
        Capacity = capacity;
    }

    internal long Capacity
    {
        get => Volatile.Read(ref _capacity);
        set
        {
            // The remainder is spread over the first shards, so that the shares sum to the capacity.
            for (int i = 0; i < _shares.Length; i++)
                Volatile.Write(ref _shares[i], value / _shares.Length + (i < value % _shares.Length ? 1 : 0));
            Volatile.Write(ref _capacity, value);
        }
    }

    internal long[] Shares => [.. _shares];

    internal long Total => (long)Math.Min(Sum(except: -1), long.MaxValue);

    /// <summary>Whether the shards hold too much.</summary>
    internal bool IsExceeded => Sum(except: -1) > (ulong)Capacity;

    internal long Share(int shard) => Volatile.Read(ref _shares[shard]);

    /// <summary>Whether a shard that would hold <paramref name="weight"/> must evict for it.</summary>
    internal bool Exceeds(int shard, long weight) =>
        weight > Share(shard) && (_weights.Length == 1 || Sum(except: shard) + (ulong)weight > (ulong)Capacity);

    /// <summary>Makes the shard's weight known to the others. Returns whether the sum may now be too much.</summary>
    internal bool Publish(int shard, long weight)
    {
        long before = _weights[shard];
        if (before == weight) return false;
        Volatile.Write(ref _weights[shard], weight);
        if (weight < before || _weights.Length == 1) return false;

        // Of two writers that add at once, at least one sees both after the fence.
        Interlocked.MemoryBarrier();
        return IsExceeded;
    }

    /// <summary>The shard that is furthest above its share, other than the one that asks, unless only that one has anything.</summary>
    internal int Fullest(int except)
    {
        int fullest = except;
        for (int i = 0; i < _weights.Length; i++)
        {
            if (i == except || Volatile.Read(ref _weights[i]) == 0) continue;
            if (fullest == except || Excess(i) > Excess(fullest)) fullest = i;
        }

        return fullest;

        long Excess(int shard) => Volatile.Read(ref _weights[shard]) - Share(shard);
    }

    // More than any capacity as soon as it is, for one shard may weigh nearly as much as a number can say.
    private ulong Sum(int except)
    {
        ulong sum = 0;
        for (int i = 0; i < _weights.Length && sum <= long.MaxValue; i++)
            if (i != except) sum += (ulong)Volatile.Read(ref _weights[i]);
        return Math.Min(sum, long.MaxValue + 1UL);
    }
}
