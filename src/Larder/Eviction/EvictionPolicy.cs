using Larder.Eviction;

namespace Larder;

/// <summary>Names a way to choose the entry that leaves a full cache, and makes it for one cache.</summary>
/// <example><code>var cache = new Cache&lt;string, User&gt;(new() { Capacity = 100_000, Policy = EvictionPolicy.Sieve });</code></example>
public sealed class EvictionPolicy
{
    // Makes one policy per shard, from the shards' capacities and a random seed. They may share what they learn.
    private readonly Func<long[], uint, IEvictionPolicy[]> _create;

    private EvictionPolicy(string name, Func<long[], uint, IEvictionPolicy[]> create, bool isCustom = false)
    {
        IsCustom = isCustom;
        Name = name;
        _create = create;
    }

    /// <summary>
    /// What a cache uses unless told otherwise: learns from a sample of the keys whether recency, frequency or reuse suits the load,
    /// and follows when it changes. Right unless you know better. A hit costs what it costs under <see cref="Sieve"/>; 6.5 bytes per entry.
    /// </summary>
    public static EvictionPolicy Default { get; } = new("default", AdaptivePolicy.Create);

    /// <summary>First in, first out. The cheapest; right when entries are used about equally long after they came.</summary>
    public static EvictionPolicy Fifo { get; } = PerShard("fifo", (_, _) => new Fifo());

    /// <summary>A FIFO whose hand spares, once, what was read since its last visit (Zhang et al., NSDI 2024). Simple, quick, good on web-like traffic; weak on scans and loops.</summary>
    public static EvictionPolicy Sieve { get; } = PerShard("sieve", (_, _) => new Sieve(), scales: false);

    /// <summary>Least recently used. Right when what was used lately is used again; a scan flushes it. A use is recorded, which costs a reader about 5 ns where nothing was recorded since the last write.</summary>
    public static EvictionPolicy Lru { get; } = PerShard("lru", (_, _) => new Lru());

    /// <summary>Least frequently used. Right when popularity does not change; slow to forget what was once popular. Records uses.</summary>
    public static EvictionPolicy Lfu { get; } = PerShard("lfu", (_, _) => new Lfu(), scales: false);

    /// <summary>Three FIFOs (Yang et al., SOSP 2023). Right on web-like traffic with many keys used once. Counts uses by marks; remembers as many keys as it holds.</summary>
    public static EvictionPolicy S3Fifo { get; } = PerShard("s3fifo", (capacity, _) => new S3Fifo(capacity));

    /// <summary>A FIFO before an LRU (Johnson and Shasha, VLDB 1994). Withstands scans. Records uses; remembers half as many keys as it holds.</summary>
    public static EvictionPolicy TwoQueue { get; } = PerShard("2q", (capacity, _) => new TwoQueue(capacity));

    /// <summary>Balances recency and frequency by what comes back (Megiddo and Modha, FAST 2003). Records uses; remembers as many keys as it holds.</summary>
    public static EvictionPolicy Arc { get; } = PerShard("arc", (capacity, _) => new Arc(capacity));

    /// <summary>An LRU that lets in only what was used more often than what would leave (Einziger et al., 2017). Right when popularity changes slowly; poor on bursts. Records uses; 8 bytes per entry.</summary>
    public static EvictionPolicy TinyLfu { get; } = PerShard("tinylfu", (capacity, seed) => new TinyLfu(capacity, seed), scales: false);

    /// <summary>TinyLFU behind a window for newcomers, whose share follows the load by hill climbing. What the strongest caches use today; <see cref="Default"/> does better. Records uses; 8 bytes per entry.</summary>
    public static EvictionPolicy WTinyLfu { get; } = PerShard("wtinylfu", (capacity, seed) => new WTinyLfu(capacity, seed), scales: false);

    /// <summary>Every named policy, the default first.</summary>
    public static IReadOnlyList<EvictionPolicy> All { get; } = [Default, Fifo, Lru, Lfu, Sieve, S3Fifo, TwoQueue, Arc, TinyLfu, WTinyLfu];

    /// <summary>The name by which tools and metrics know it.</summary>
    public string Name { get; }

    /// <summary>
    /// A policy of your own. <paramref name="create"/> is called once per shard with the shard's capacity. What it does wrong
    /// is counted in <see cref="CacheStatistics.PolicyFailures"/> and logged, and the cache goes on.
    /// </summary>
    public static EvictionPolicy Custom(string name, Func<long, IEvictionPolicy> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        return new(name, (capacities, _) => Array.ConvertAll(capacities, capacity => create(capacity)), isCustom: true);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Whether it is a user's, whom the cache does not trust.</summary>
    internal bool IsCustom { get; }

    /// <summary>
    /// Whether a miniature behaves as the whole does: that newcomers which nobody uses again stay for a share of the capacity, and not until so many others have come.
    /// </summary>
    internal bool Scales { get; private init; } = true;

    /// <summary>This policy among the entries of the middle rank, between those that leave sooner and later.</summary>
    internal EvictionPolicy Ranked(Func<EvictionNode, Rank> rankOf) =>
        new(Name, (capacities, seed) => Array.ConvertAll(_create(capacities, seed), IEvictionPolicy (policy) => new RankedPolicy(policy, rankOf)));

    internal IEvictionPolicy[] Create(long[] shardCapacities, uint seed) => _create(shardCapacities, seed);

    internal IEvictionPolicy Create(long capacity, uint seed) => Create([capacity], seed)[0];

    private static EvictionPolicy PerShard(string name, Func<long, uint, IEvictionPolicy> create, bool scales = true) =>
        new(name, (capacities, seed) => Array.ConvertAll(capacities, capacity => create(capacity, seed))) { Scales = scales };
}
