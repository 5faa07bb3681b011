using System.Numerics;

namespace Larder;

/// <summary>Divides a cache into parts that are written independently. Reads take no lock either way.</summary>
/// <example><code>new CacheOptions&lt;string, User&gt; { Shards = new() { Count = 16 } }</code></example>
public sealed record ShardOptions<TKey>
{
    // Fewer entries than this in a shard, and chance divides keys too unevenly for the policy to do as well as undivided.
    private const long EntriesPerShard = 1024;
    internal const int Most = 1 << Memory.KeyLookup.SlotBits;

    /// <summary>How many: a power of two from 1 to 256. Default: null, four per processor, but at least a thousand entries each.</summary>
    public int? Count { get; init; }

    /// <summary>A hash to use in place of the comparer's, for keys whose own is weak or slow. Equal keys must have equal hashes. Default: null.</summary>
    public Func<TKey, ulong>? Hash { get; init; }

    internal IEnumerable<string> Faults(string name)
    {
        if (Count is { } count && (count is < 1 or > Most || !BitOperations.IsPow2(count)))
            yield return $"{name}.{nameof(Count)} is {count}; it must be a power of two from 1 to {Most}, or null.";
    }

    internal int CountFor(long capacity)
    {
        if (Count is { } count) return count;
        long most = Math.Min(Most, BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount * 4));
        long wanted = Math.Clamp(capacity / EntriesPerShard, 1, most);
        return 1 << BitOperations.Log2((ulong)wanted);
    }
}
