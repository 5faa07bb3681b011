using Larder.Observability;

namespace Larder;

/// <summary>What is put into a cache before it is asked for: at its start, on schedules, and from what was asked for at this hour before.</summary>
/// <remarks>Runs from <see cref="LoadingCache{TKey, TValue}.StartAsync"/> until the cache is disposed. What is written or removed while a warm-up runs is not overwritten by it.</remarks>
/// <example><code>
/// new WarmingOptions&lt;int, Product&gt;
/// {
///     AtStart = async cancel => new() { Values = await db.BestSellersAsync(cancel) },
///     Scheduled = [new() { When = Schedule.Cron("0 6 * * MON-FRI", TimeZoneInfo.Local), Keys = db.BestSellerIdsAsync }],
///     Predicted = new(),
/// }
/// </code></example>
public sealed record WarmingOptions<TKey, TValue> where TKey : notnull
{
    /// <summary>What the cache begins with. Default: null, nothing.</summary>
    public Func<CancellationToken, ValueTask<WarmUp<TKey, TValue>>>? AtStart { get; init; }

    /// <summary>How long the start waits for it: above zero. Default: 30 seconds.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the start fails if that does; else it is logged, and the cache starts cold. Default: false.</summary>
    public bool FailsStart { get; init; }

    /// <summary>What is warmed again and again. Default: nothing.</summary>
    public IReadOnlyList<ScheduledWarmUp<TKey, TValue>> Scheduled { get; init; } = [];

    /// <summary>Learns which keys are asked for at which hour, and loads them before that hour. Default: null, does not.</summary>
    public PredictionOptions? Predicted { get; init; }

    /// <summary>Told of every run's progress. Default: null.</summary>
    public IProgress<WarmProgress>? Progress { get; init; }

    internal IEnumerable<string> Faults(string name)
    {
        if (!LongestWait.IsAllowed(StartTimeout)) yield return $"{name}.{nameof(StartTimeout)} is {StartTimeout}; it must be {LongestWait.Allowed}.";
        if (Scheduled is null) yield return $"{name}.{nameof(Scheduled)} is null; leave it out for none.";
        foreach (var (warmUp, i) in (Scheduled ?? []).Select(static (warmUp, i) => (warmUp, i)))
            foreach (var fault in warmUp?.Faults($"{name}.{nameof(Scheduled)}[{i}]") ?? [$"{name}.{nameof(Scheduled)}[{i}] is null."]) yield return fault;
        foreach (var fault in Predicted?.Faults($"{name}.{nameof(Predicted)}") ?? []) yield return fault;
    }
}

/// <summary>A warm-up that is repeated: values, or keys for the cache's loaders. One run ends before the next begins.</summary>
/// <example><code>new ScheduledWarmUp&lt;int, Rate&gt; { When = Schedule.Every(TimeSpan.FromMinutes(10)), Keys = _ => new([1, 2, 3]), Stagger = TimeSpan.FromSeconds(30) }</code></example>
public sealed record ScheduledWarmUp<TKey, TValue> where TKey : notnull
{
    /// <summary>When it runs.</summary>
    public required Schedule When { get; init; }

    /// <summary>The values to write. Either this or <see cref="Keys"/>.</summary>
    public Func<CancellationToken, ValueTask<WarmUp<TKey, TValue>>>? Values { get; init; }

    /// <summary>The keys to load: those that would not stay fresh until the run after. Either this or <see cref="Values"/>.</summary>
    public Func<CancellationToken, ValueTask<IReadOnlyCollection<TKey>>>? Keys { get; init; }

    /// <summary>Each run begins late by a random time up to this, so that many processes do not begin at once. Zero or more. Default: zero.</summary>
    public TimeSpan Stagger { get; init; }

    /// <summary>How long a run may take: above zero. Default: 5 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The most keys a run loads: at least 1. Default: 10,000.</summary>
    public int Budget { get; init; } = 10_000;

    internal IEnumerable<string> Faults(string name)
    {
        if (When is null) yield return $"{name}.{nameof(When)} is null; it must be a schedule.";
        if (Values is null == Keys is null) yield return $"{name} has {(Keys is null ? "neither" : "both")} of {nameof(Values)} and {nameof(Keys)}; it must have one.";
        if (Stagger < TimeSpan.Zero) yield return $"{name}.{nameof(Stagger)} is {Stagger}; it must be zero or more.";
        if (!LongestWait.IsAllowed(Timeout)) yield return $"{name}.{nameof(Timeout)} is {Timeout}; it must be {LongestWait.Allowed}.";
        if (Budget < 1) yield return $"{name}.{nameof(Budget)} is {Budget}; it must be at least 1.";
    }
}

/// <summary>How a cache learns which keys are asked for at which hour of the week, and loads them before that hour: those of yesterday's and of last week's.</summary>
/// <remarks>A cache that learns takes the longer path on hits. It remembers at most 168 times <see cref="KeysPerHour"/> keys.</remarks>
/// <example><code>new PredictionOptions { KeysPerHour = 1_000, Ahead = TimeSpan.FromMinutes(5), TimeZone = TimeZoneInfo.Local }</code></example>
public sealed record PredictionOptions
{
    /// <summary>How many keys are remembered of each hour of the week: at least 1. Default: 500.</summary>
    public int KeysPerHour { get; init; } = 500;

    /// <summary>How long before the hour they are loaded: above zero, below an hour. Default: 5 minutes.</summary>
    public TimeSpan Ahead { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>One of so many reads is looked at: at least 1. Default: 16.</summary>
    public int OneOf { get; init; } = 16;

    /// <summary>Whose hours they are. Default: UTC.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    internal IEnumerable<string> Faults(string name)
    {
        if (KeysPerHour < 1) yield return $"{name}.{nameof(KeysPerHour)} is {KeysPerHour}; it must be at least 1.";
        if (Ahead <= TimeSpan.Zero || Ahead >= TimeSpan.FromHours(1)) yield return $"{name}.{nameof(Ahead)} is {Ahead}; it must be above zero and below an hour.";
        if (OneOf < 1) yield return $"{name}.{nameof(OneOf)} is {OneOf}; it must be at least 1.";
        if (TimeZone is null) yield return $"{name}.{nameof(TimeZone)} is null; leave it out for UTC.";
    }
}
