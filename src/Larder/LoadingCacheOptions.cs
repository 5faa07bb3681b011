namespace Larder;

/// <summary>How a <see cref="LoadingCache{TKey, TValue}"/> behaves. Checked when the cache is built.</summary>
/// <example><code>
/// new LoadingCacheOptions&lt;string, User&gt;
/// {
///     Memory = new()
///     {
///         Capacity = 100_000,
///         Lifetime = new() { Fresh = TimeSpan.FromMinutes(5), Stale = TimeSpan.FromHours(1), Fallback = TimeSpan.FromDays(1) },
///     },
///     Loaders = [Loader.For&lt;string, User&gt;(db.FindAsync)],
/// }
/// </code></example>
public sealed record LoadingCacheOptions<TKey, TValue> where TKey : notnull
{
    /// <summary>What the cache is called in logs, metrics and exceptions. Default: "cache".</summary>
    public string Name { get; init; } = "cache";

    /// <summary>What is kept in this process and for how long, the stale and the fallback age included. Default: its own defaults.</summary>
    public CacheOptions<TKey, TValue> Memory { get; init; } = new();

    /// <summary>Who is asked for what is missing, in turn: each for what those before did not find. Default: nobody.</summary>
    public IReadOnlyList<ILoader<TKey, TValue>> Loaders { get; init; } = [];

    /// <summary>How keys are loaded together.</summary>
    public BatchOptions Batches { get; init; } = new();

    /// <summary>How values are loaded anew in the background.</summary>
    public RefreshOptions<TKey, TValue> Refresh { get; init; } = new();

    /// <summary>What happens when the source fails or is slow.</summary>
    public FailureOptions Failure { get; init; } = new();

    /// <summary>Whether a loader's "no such key" is remembered, as <see cref="CacheOptions{TKey, TValue}.Absent"/> says. Default: true.</summary>
    public bool RemembersAbsent { get; init; } = true;

    /// <summary>The tags of a value, beside those that who writes or loads it gives. Default: none.</summary>
    public Func<TKey, TValue, TagSet>? TagsOf { get; init; }

    /// <summary>What is put into the cache before it is asked for, once it is started. Default: nothing.</summary>
    public WarmingOptions<TKey, TValue>? Warming { get; init; }

    /// <summary>What keeps values below memory, the uppermost first. Default: nothing.</summary>
    public IReadOnlyList<TierOptions> Tiers { get; init; } = [];

    /// <summary>How keys and values become what the tiers keep.</summary>
    public PayloadOptions<TKey, TValue> Payloads { get; init; } = new();

    /// <summary>How what is written to the cache reaches the source. Default: it does not; only the cache and its tiers are written.</summary>
    public WritingOptions<TKey, TValue>? Writing { get; init; }

    /// <summary>How the cache learns what other processes have changed. Default: it does not.</summary>
    public CoherenceOptions? Coherence { get; init; }

    /// <summary>Every fault at once; each names the property, the value and what is allowed.</summary>
    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Name)) yield return $"{nameof(Name)} is '{Name}'; it must name the cache.";
        foreach (var (name, value) in new (string, object?)[]
                 {
                     (nameof(Memory), Memory), (nameof(Loaders), Loaders), (nameof(Batches), Batches), (nameof(Refresh), Refresh), (nameof(Failure), Failure),
                     (nameof(Tiers), Tiers), (nameof(Payloads), Payloads),
                 })
        {
            if (value is null) yield return $"{name} is null; leave it out for the default.";
        }

        foreach (var fault in Memory?.LoadingFaults() ?? []) yield return $"{nameof(Memory)}.{fault}";
        if (Loaders?.Any(static loader => loader is null) == true) yield return $"{nameof(Loaders)} has a null; each must be a loader.";
        foreach (var fault in Batches?.Faults(nameof(Batches)) ?? []) yield return fault;
        foreach (var fault in Refresh?.Faults(nameof(Refresh)) ?? []) yield return fault;
        foreach (var fault in Failure?.Faults(nameof(Failure)) ?? []) yield return fault;
        foreach (var fault in Warming?.Faults(nameof(Warming)) ?? []) yield return fault;
        for (int i = 0; i < Tiers?.Count; i++)
        {
            if (Tiers[i] is null) yield return $"{nameof(Tiers)}[{i}] is null; leave it out.";
            foreach (var fault in Tiers[i]?.Faults($"{nameof(Tiers)}[{i}]") ?? []) yield return fault;
        }

        if (Tiers?.DistinctBy(static tier => tier?.Tier).Count() < Tiers?.Count) yield return $"{nameof(Tiers)} has one tier twice; each must be another.";
        foreach (var fault in Writing?.Faults(nameof(Writing)) ?? []) yield return fault;
        foreach (var fault in Coherence?.Faults(nameof(Coherence)) ?? []) yield return fault;
        if (Coherence?.Leases is not null && Tiers?.Any(static tier => tier?.Tier?.IsShared == true) != true) yield return $"{nameof(Coherence)}.{nameof(Coherence.Leases)} is given, and no tier among {nameof(Tiers)} is shared; what one process loads must be where the others find it.";
        if (Coherence is not null && Tiers is not { Count: > 0 } && Payloads is { KeyFormat: null } && !KeyFormat.HasDefault<TKey>()) yield return $"{nameof(Payloads)}.{nameof(Payloads.KeyFormat)} is null; {typeof(TKey)} has no format of its own, so it must be given for {nameof(Coherence)}.";
        if (Tiers?.Count > 0 || Writing?.Behind is { Journal: not null } or { DeadLetterFile: not null }) foreach (var fault in Payloads?.Faults(nameof(Payloads), Memory?.Comparer) ?? []) yield return fault;
        if (Batches?.Window > TimeSpan.Zero && Loaders?.Any(static loader => loader is IBatchLoader<TKey, TValue>) == false)
            yield return $"{nameof(Batches)}.{nameof(Batches.Window)} is {Batches.Window}; it needs a batch loader among {nameof(Loaders)}.";
    }
}
