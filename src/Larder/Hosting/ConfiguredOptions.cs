using System.IO.Compression;
using Microsoft.Extensions.Configuration;

namespace Larder.Hosting;

/// <summary>
/// Sets a cache's options from a section of the configuration, whose keys are named as they are. What is no figure, name or time (loaders, tiers, functions) comes from code alone.
/// </summary>
internal sealed class ConfiguredOptions<TKey, TValue>(List<string> faults) where TKey : notnull
{
    /// <summary>Changes what the section has. What it has and should not is added to the faults.</summary>
    internal LoadingCacheOptions<TKey, TValue> Apply(IConfigurationSection section, LoadingCacheOptions<TKey, TValue> options) => OptionsReader.Whole(section, options, Cache, faults);

    /// <summary>Calls what a fault is about by its key, if the section has it.</summary>
    internal static string ByKey(string fault, IConfigurationSection section, LoadingCacheOptions<TKey, TValue> options)
    {
        string about = fault.Split(' ')[0], key = about;
        for (int i = 0; i < options.Tiers?.Count; i++) key = key.Replace($"{nameof(options.Tiers)}[{i}]", $"{nameof(options.Tiers)}.{options.Tiers[i]?.Tier?.Name}", StringComparison.Ordinal);
        key = key.Replace('.', ':');
        return section.GetSection(key).Exists() ? $"{section.Path}:{key}{fault[about.Length..]}" : fault;
    }

    private LoadingCacheOptions<TKey, TValue> Cache(OptionsReader from, LoadingCacheOptions<TKey, TValue> options)
    {
        options = options with
        {
            Memory = from.Part(nameof(options.Memory), options.Memory, Memory),
            Batches = from.Part(nameof(options.Batches), options.Batches, Batches),
            Refresh = from.Part(nameof(options.Refresh), options.Refresh, Refresh),
            Failure = from.Part(nameof(options.Failure), options.Failure, (within, failure) => Failure(within, failure, options.Memory?.TimeProvider ?? TimeProvider.System)),
            RemembersAbsent = from.Flag(nameof(options.RemembersAbsent), options.RemembersAbsent),
            Warming = from.Optional(nameof(options.Warming), options.Warming, static () => new(), Warming),
            Payloads = from.Part(nameof(options.Payloads), options.Payloads, Payloads),
        };

        // These change what code has given the cache, and are known only where it has.
        if (options.Tiers is { Count: > 0 }) options = options with { Tiers = from.Part(nameof(options.Tiers), options.Tiers, Tiers) };
        if (options.Writing is { } writing) options = options with { Writing = from.Part(nameof(options.Writing), writing, Writing) };
        if (options.Coherence is { } coherence) options = options with { Coherence = from.Part(nameof(options.Coherence), coherence, Coherence) };
        return options;
    }

    private static CacheOptions<TKey, TValue> Memory(OptionsReader from, CacheOptions<TKey, TValue> options) => options with
    {
        Capacity = from.Number(nameof(options.Capacity), options.Capacity),
        Policy = from.Choice(nameof(options.Policy), options.Policy, EvictionPolicy.All),
        Advice = from.Optional(nameof(options.Advice), options.Advice, static () => new(), static (within, advice) => advice with { Keys = within.Number(nameof(advice.Keys), advice.Keys) }),
        Lifetime = from.Part(nameof(options.Lifetime), options.Lifetime, Lifetime),
        Shards = from.Part(nameof(options.Shards), options.Shards, static (within, shards) => shards with { Count = within.NumberOrNone(nameof(shards.Count), shards.Count) }),
        Absent = from.Part(nameof(options.Absent), options.Absent, static (within, absent) => absent with
        {
            Capacity = within.NumberOrNone(nameof(absent.Capacity), absent.Capacity),
            Policy = within.Choice(nameof(absent.Policy), absent.Policy, EvictionPolicy.All),
            Lifetime = within.Optional(nameof(absent.Lifetime), absent.Lifetime, static () => new(), Lifetime),
        }),
    };

    private static Lifetime Lifetime(OptionsReader from, Lifetime options) => options with
    {
        Fresh = from.Time(nameof(options.Fresh), options.Fresh),
        Stale = from.Time(nameof(options.Stale), options.Stale),
        Fallback = from.Time(nameof(options.Fallback), options.Fallback),
        Idle = from.TimeOrNone(nameof(options.Idle), options.Idle),
        Jitter = from.Optional(nameof(options.Jitter), options.Jitter, static () => new(), static (within, jitter) => jitter with
        {
            Fraction = within.Number(nameof(jitter.Fraction), jitter.Fraction),
            AtMost = within.TimeOrNone(nameof(jitter.AtMost), jitter.AtMost),
        }),
    };

    private static BatchOptions Batches(OptionsReader from, BatchOptions options) => options with
    {
        MaxBatch = from.Number(nameof(options.MaxBatch), options.MaxBatch),
        Window = from.Time(nameof(options.Window), options.Window),
        MaxParallel = from.Number(nameof(options.MaxParallel), options.MaxParallel),
        KeepsFoundOnError = from.Flag(nameof(options.KeepsFoundOnError), options.KeepsFoundOnError),
    };

    private static RefreshOptions<TKey, TValue> Refresh(OptionsReader from, RefreshOptions<TKey, TValue> options) => options with
    {
        AheadBelow = from.Number(nameof(options.AheadBelow), options.AheadBelow),
        EarlyFactor = from.Number(nameof(options.EarlyFactor), options.EarlyFactor),
        LinearFrom = from.Number(nameof(options.LinearFrom), options.LinearFrom),
        MaxConcurrent = from.Number(nameof(options.MaxConcurrent), options.MaxConcurrent),
        MaxWaiting = from.Number(nameof(options.MaxWaiting), options.MaxWaiting),
        Timeout = from.TimeOrNone(nameof(options.Timeout), options.Timeout),
        DropsOnError = from.Flag(nameof(options.DropsOnError), options.DropsOnError),
    };

    private FailureOptions Failure(OptionsReader from, FailureOptions options, TimeProvider time) => options with
    {
        UsesFallback = from.Flag(nameof(options.UsesFallback), options.UsesFallback),
        SoftTimeout = from.TimeOrNone(nameof(options.SoftTimeout), options.SoftTimeout),
        HardTimeout = from.TimeOrNone(nameof(options.HardTimeout), options.HardTimeout),
        Backoff = from.Optional(nameof(options.Backoff), options.Backoff, static () => new(), Backoff),
        RememberedKeys = from.Number(nameof(options.RememberedKeys), options.RememberedKeys),
        MaxAbandoned = from.Number(nameof(options.MaxAbandoned), options.MaxAbandoned),
        Breaker = from.Optional(nameof(options.Breaker), options.Breaker, () => new(new() { TimeProvider = time }), (within, _) => Breaker(within, time)),
        BreakerPerKey = from.Optional(nameof(options.BreakerPerKey), options.BreakerPerKey, () => new() { Breaker = new() { TimeProvider = time } }, static (within, keyed) => keyed with
        {
            Capacity = within.Number(nameof(keyed.Capacity), keyed.Capacity),
            Breaker = within.Part(nameof(keyed.Breaker), keyed.Breaker, BreakerFigures),
        }),
    };

    // A breaker takes no figures once it is made, so a section makes another; and one whose figures are wrong cannot be made.
    private CircuitBreaker Breaker(OptionsReader from, TimeProvider time)
    {
        var options = BreakerFigures(from, new() { TimeProvider = time });
        string[] wrong = [.. options.Faults($"{nameof(LoadingCacheOptions<,>.Failure)}.{nameof(FailureOptions.Breaker)}")];
        faults.AddRange(wrong);
        return new(wrong.Length == 0 ? options : null);
    }

    private static BreakerOptions BreakerFigures(OptionsReader from, BreakerOptions options) => options with
    {
        FailureThreshold = from.Number(nameof(options.FailureThreshold), options.FailureThreshold),
        SuccessThreshold = from.Number(nameof(options.SuccessThreshold), options.SuccessThreshold),
        OpenDuration = from.Time(nameof(options.OpenDuration), options.OpenDuration),
        HalfOpenProbes = from.Number(nameof(options.HalfOpenProbes), options.HalfOpenProbes),
    };

    private static BackoffOptions Backoff(OptionsReader from, BackoffOptions options) => options with
    {
        First = from.Time(nameof(options.First), options.First),
        Factor = from.Number(nameof(options.Factor), options.Factor),
        Most = from.Time(nameof(options.Most), options.Most),
        Jitter = from.Number(nameof(options.Jitter), options.Jitter),
    };

    private static WarmingOptions<TKey, TValue> Warming(OptionsReader from, WarmingOptions<TKey, TValue> options) => options with
    {
        StartTimeout = from.Time(nameof(options.StartTimeout), options.StartTimeout),
        FailsStart = from.Flag(nameof(options.FailsStart), options.FailsStart),
        Predicted = from.Optional(nameof(options.Predicted), options.Predicted, static () => new(), static (within, predicted) => predicted with
        {
            KeysPerHour = within.Number(nameof(predicted.KeysPerHour), predicted.KeysPerHour),
            Ahead = within.Time(nameof(predicted.Ahead), predicted.Ahead),
            OneOf = within.Number(nameof(predicted.OneOf), predicted.OneOf),
            TimeZone = within.Zone(nameof(predicted.TimeZone), predicted.TimeZone),
        }),
    };

    private static PayloadOptions<TKey, TValue> Payloads(OptionsReader from, PayloadOptions<TKey, TValue> options) => options with
    {
        Compression = from.Optional(nameof(options.Compression), options.Compression, static () => new(), static (within, compression) => compression with
        {
            Codec = within.Choice(nameof(compression.Codec), compression.Codec, Enum.GetValues<PayloadCodec>()),
            Level = within.Choice(nameof(compression.Level), compression.Level, Enum.GetValues<CompressionLevel>()),
            Threshold = within.Number(nameof(compression.Threshold), compression.Threshold),
        }),
        MaxKeyLength = from.Number(nameof(options.MaxKeyLength), options.MaxKeyLength),
        MaxLength = from.Number(nameof(options.MaxLength), options.MaxLength),
        RefusesOversize = from.Flag(nameof(options.RefusesOversize), options.RefusesOversize),
    };

    // By the tiers' names: their order is code's affair.
    private static IReadOnlyList<TierOptions> Tiers(OptionsReader from, IReadOnlyList<TierOptions> options) =>
        [.. options.Select(tier => tier?.Tier is null ? tier! : from.Part(tier.Tier.Name, tier, Tier))];

    private static TierOptions Tier(OptionsReader from, TierOptions options) => options with
    {
        Lifetime = from.Optional(nameof(options.Lifetime), options.Lifetime, static () => new(), Lifetime),
        ReadTimeout = from.Time(nameof(options.ReadTimeout), options.ReadTimeout),
        WriteTimeout = from.Time(nameof(options.WriteTimeout), options.WriteTimeout),
        Breaker = from.Part(nameof(options.Breaker), options.Breaker, BreakerFigures),
        MaxWaiting = from.Number(nameof(options.MaxWaiting), options.MaxWaiting),
        MaxWaitingBytes = from.Number(nameof(options.MaxWaitingBytes), options.MaxWaitingBytes),
    };

    private static WritingOptions<TKey, TValue> Writing(OptionsReader from, WritingOptions<TKey, TValue> options)
    {
        options = options with { Timeout = from.Time(nameof(options.Timeout), options.Timeout) };
        return options.Behind is { } behind ? options with { Behind = from.Part(nameof(options.Behind), behind, Behind) } : options;
    }

    private static WriteBehindOptions<TKey, TValue> Behind(OptionsReader from, WriteBehindOptions<TKey, TValue> options) => options with
    {
        Interval = from.Time(nameof(options.Interval), options.Interval),
        MaxBatch = from.Number(nameof(options.MaxBatch), options.MaxBatch),
        MaxParallel = from.Number(nameof(options.MaxParallel), options.MaxParallel),
        MaxWaiting = from.Number(nameof(options.MaxWaiting), options.MaxWaiting),
        RefusesWhenFull = from.Flag(nameof(options.RefusesWhenFull), options.RefusesWhenFull),
        MaxAttempts = from.Number(nameof(options.MaxAttempts), options.MaxAttempts),
        Backoff = from.Part(nameof(options.Backoff), options.Backoff, Backoff),
        FlushTimeout = from.Time(nameof(options.FlushTimeout), options.FlushTimeout),
        DeadLetterFile = from.Text(nameof(options.DeadLetterFile), options.DeadLetterFile),
    };

    private static CoherenceOptions Coherence(OptionsReader from, CoherenceOptions options) => options with
    {
        KeptWithoutLink = from.Time(nameof(options.KeptWithoutLink), options.KeptWithoutLink),
        StaleWithoutLink = from.Flag(nameof(options.StaleWithoutLink), options.StaleWithoutLink),
        MaxUntold = from.Number(nameof(options.MaxUntold), options.MaxUntold),
        LeaseDuration = from.Time(nameof(options.LeaseDuration), options.LeaseDuration),
    };
}
