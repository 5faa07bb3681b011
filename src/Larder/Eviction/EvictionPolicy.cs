using Larder.Eviction;

namespace Larder;

/// <summary>Names a way to choose the entry that leaves a full cache, and makes it for one cache.</summary>
/// <example><code>var cache = new Cache&lt;string, User&gt;(new() { Capacity = 100_000, Policy = EvictionPolicy.Sieve });</code></example>
public sealed class EvictionPolicy
{
    // Makes one policy per shard, from the shards' capacities and a random seed. They may share what they learn.
    private readonly Func<long[], uint, IEvictionPolicy[]> _create;

    private EvictionPolicy(string name, Func<long[], uint, IEvictionPolicy[]> create)
    {
        Name = name;
        _create = create;
    }

    /// <summary>
    /// What a cache uses unless told otherwise: learns from a sample of the keys whether recency, frequency or reuse suits the load,
    /// and follows when it changes. Right unless you know better. A hit costs what it costs under <see cref="Sieve"/>; 13 bytes per entry.
    /// </summary>
    public static EvictionPolicy Default { get; } = new("default", AdaptivePolicy.Create);

    /// <summary>First in, first out. The cheapest; right when entries are used about equally long after they came.</summary>
    public static EvictionPolicy Fifo { get; } = PerShard("fifo", (_, _) => new Fifo());

    /// <summary>A FIFO whose hand spares, once, what was read since its last visit (Zhang et al., NSDI 2024). Simple, quick, good on web-like traffic; weak on scans and loops.</summary>
    public static EvictionPolicy Sieve { get; } = PerShard("sieve", (_, _) => new Sieve());

    /// <summary>Every named policy, the default first.</summary>
    public static IReadOnlyList<EvictionPolicy> All { get; } = [Default, Fifo, Sieve];

    /// <summary>The name by which tools and metrics know it.</summary>
    public string Name { get; }

    /// <summary>A policy of your own. <paramref name="create"/> is called once per shard with the shard's capacity.</summary>
    public static EvictionPolicy Custom(string name, Func<long, IEvictionPolicy> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        return PerShard(name, (capacity, _) => create(capacity));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal IEvictionPolicy[] Create(long[] shardCapacities, uint seed) => _create(shardCapacities, seed);

    internal IEvictionPolicy Create(long capacity, uint seed) => Create([capacity], seed)[0];

    private static EvictionPolicy PerShard(string name, Func<long, uint, IEvictionPolicy> create) =>
        new(name, (capacities, seed) => Array.ConvertAll(capacities, capacity => create(capacity, seed)));
}
