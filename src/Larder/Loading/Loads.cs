using Larder.Memory;
using Larder.Resilience;
using Larder.Tiers;

namespace Larder.Loading;

/// <summary>All that the loads of one cache share: their loaders, limits, breakers and counters, and the memory they write to.</summary>
internal sealed class Loads<TKey, TValue> : IDisposable where TKey : notnull
{
    private readonly CancellationTokenSource _lifetime = new();
    private readonly KeyedBreakers<TKey>? _keyBreakers;
    private readonly Settlement<TKey, TValue> _settlement;
    private int _abandoned;

    internal Loads(LoadingCacheOptions<TKey, TValue> options, MemoryCore<TKey, Kept<TValue>> core, Action<TKey>? recorder)
    {
        Recorder = recorder;
        Core = core;
        Name = options.Name;
        Failure = options.Failure;
        Refresh = options.Refresh;
        Batches = options.Batches;
        Time = options.Memory.TimeProvider;
        Told = LoadLog.Of(options);
        Copies = options.Memory.Copy;
        Lifetime = _lifetime.Token;
        Lives = new(options.Memory, options.Refresh);
        Chain = new(options.Loaders, options.Batches, core.Comparer);
        RefreshChain = options.Refresh.Loaders is { Count: > 0 } own ? new(own, options.Batches, core.Comparer) : Chain;
        Failures = new(options.Failure, options.Memory.Comparer, Time);
        _keyBreakers = options.Failure.BreakerPerKey is { } perKey ? new(perKey, options.Memory.Comparer) : null;
        Collector = options.Batches.Window > TimeSpan.Zero ? new(this, Chain) : null;
        _settlement = new(this, options);
        Tags = new(() => _settlement.Version, _settlement.NextVersion);
        Offers = new(this);
        Tiers = options.Tiers.Count > 0 ? new(options.Name, options.Tiers, options.Payloads, Time, options.Memory.Logger, StampsOf(options)) : null;
        Source = options.Writing is { } writing ? new(this, new(writing, options.Payloads, options.Memory, options.Name)) : null;
        Walk = Tiers is null && options.Writing?.Behind is null ? null : new(this, Tiers, Source?.Writes, options.Coherence, options.Memory);
        Changes = new(this, Tiers);
        Coherent = options.Coherence is { } coherence ? new(this, coherence, Tiers?.Keys ?? TierKeys<TKey>.Of(options.Name, options.Payloads)) : null;
        Slots = new(options.Refresh.MaxConcurrent, options.Refresh.MaxWaiting, RefreshChain.TakesMany ? new(this, RefreshChain) : null);
    }

    internal string Name { get; }

    /// <summary>Told of every read, by those caches that learn from them.</summary>
    internal Action<TKey>? Recorder { get; }

    internal MemoryCore<TKey, Kept<TValue>> Core { get; }

    internal FailureOptions Failure { get; }

    internal RefreshOptions<TKey, TValue> Refresh { get; }

    internal BatchOptions Batches { get; }

    internal TimeProvider Time { get; }

    internal CopyOptions<TValue> Copies { get; }

    internal Lives<TKey, TValue> Lives { get; }

    internal LoaderChain<TKey, TValue> Chain { get; }

    internal LoaderChain<TKey, TValue> RefreshChain { get; }

    internal FailureMemory<TKey> Failures { get; }

    internal LoadCounters Counters { get; } = new();

    /// <summary>What the log is told of loads and of the link.</summary>
    internal LoadLog Told { get; }

    /// <summary>Cancelled when the cache is disposed.</summary>
    internal CancellationToken Lifetime { get; }

    internal Settlement<TKey, TValue> Settlement => _settlement;

    internal Reads<TKey, TValue> Reads => new(this);

    internal Results<TKey, TValue> Results => new(this);

    internal Offers<TKey, TValue> Offers { get; }

    /// <summary>Which tags have been removed.</summary>
    internal TagRemovals Tags { get; }

    internal RefreshSlots<TKey, TValue> Slots { get; }

    /// <summary>What keeps bytes below memory; null if nothing does.</summary>
    internal TierChain<TKey, TValue>? Tiers { get; }

    /// <summary>The way of a load through pending writes and tiers; null without either.</summary>
    internal TierWalk<TKey, TValue>? Walk { get; }

    internal Changes<TKey, TValue> Changes { get; }

    /// <summary>What keeps the cache in step with those of other processes; null if nothing does.</summary>
    internal Coherent<TKey, TValue>? Coherent { get; }

    /// <summary>The way of writes to their source; null if the cache writes to none.</summary>
    internal SourceFirst<TKey, TValue>? Source { get; }

    /// <summary>Gathers single misses into batches; null if each is loaded by itself.</summary>
    internal BatchCollector<TKey, TValue>? Collector { get; }

    internal int Abandoned => Volatile.Read(ref _abandoned);

    /// <summary>Keeps what a batch brought beside what it was asked for.</summary>
    internal void Offer(TKey key, in Loaded<TValue> loaded, long asOf)
    {
        try
        {
            if (loaded.IsKept) Offers.TryPut(Settlement.PrepareLoaded(key, Core.HashOf(key), loaded, TimeSpan.Zero, asOf), loaded.Lifetime, asOf);
        }
        catch (Exception)
        {
            // A function of the user's threw over a value that nobody asked for: then it is not kept.
            Interlocked.Increment(ref Counters.Failures);
        }
    }

    /// <summary>Why the flight's loader is not to be asked; null if it may be, and the breakers have let it pass.</summary>
    internal Exception? MayAsk(LoadFlight<TKey, TValue> flight, bool isAlone)
    {
        if (Lifetime.IsCancellationRequested) return new ObjectDisposedException(Name);
        if (Abandoned >= Failure.MaxAbandoned)
            return new InvalidOperationException($"{Abandoned} loads of cache '{Name}' were given up and have not returned; no more are begun until some do.");
        return flight.Passes.EnterKey(_keyBreakers, flight.Key, Name) ?? (isAlone ? flight.Passes.Enter(Failure.Breaker, Name) : null);
    }

    internal void RefreshEnded() => Slots.RunNext();

    internal void AbandonedOne() => Interlocked.Increment(ref _abandoned);

    internal void AbandonedReturned() => Interlocked.Decrement(ref _abandoned);

    /// <summary>What the loader is told of the key.</summary>
    internal LoadRequest<TKey, TValue> RequestFor(LoadFlight<TKey, TValue> flight)
    {
        long now = Core.Now;
        if (flight.Old is not { IsAbsent: false } old || AgeOf(old, now) == EntryAge.None)
            return new(flight.Key, Loaded<TValue>.Absent, TimeSpan.Zero, flight.IsRefresh);
        flight.IsToldOld = true;
        return new(flight.Key, new(ForReader(old.Value.Value)) { Tag = old.Value.Tag }, TimeSpan.FromTicks(now - old.Value.WrittenAt), flight.IsRefresh);
    }

    /// <summary>How old an entry is; one of whose tags has been removed is gone.</summary>
    internal EntryAge AgeOf(Entry<TKey, Kept<TValue>>? entry, long now) => entry is null || Admits(ref entry.Value) ? EntryAges.Of(entry, now) : EntryAge.None;

    /// <summary>Whether an entry is still what it was: no tag that it bears has been removed since it began.</summary>
    internal bool Admits(ref Kept<TValue> kept)
    {
        if (!kept.IsTagged) return true;
        long latest = Tags.Latest;
        long judged = Volatile.Read(ref kept.JudgedAt);
        if (judged >= latest) return true;
        if (Tags.Reaches(kept.Tags, judged)) return false;
        Volatile.Write(ref kept.JudgedAt, latest);
        return true;
    }

    internal bool HasFallback(Entry<TKey, Kept<TValue>>? seen) =>
        Failure.UsesFallback && AgeOf(seen, Core.Now) is EntryAge.Fresh or EntryAge.Stale or EntryAge.Expired;

    internal TValue ForReader(TValue value) => Copies.OnRead is { } copy ? copy(value) : value;

    /// <summary>Ends when no load is under way.</summary>
    internal async Task QuietAsync()
    {
        while (UnderWay().FirstOrDefault() is { } flight) await flight.Ended().ConfigureAwait(false);
    }

    public void Dispose()
    {
        try
        {
            _lifetime.Cancel();
        }
        catch (AggregateException)
        {
            // What listens to the token threw: that is the loaders' own affair.
        }

        foreach (var flight in UnderWay()) flight.GiveUp(new(LoadEnding.Cancelled, default, new ObjectDisposedException(Name)));
        Told.Dispose();
        Failures.Dispose();
        _keyBreakers?.Dispose();
        _lifetime.Dispose();
    }

    private Func<ICacheTier, TagStamps> StampsOf(LoadingCacheOptions<TKey, TValue> options) =>
        tier => new(options.Name, tier, Tags, Time, () => Coherent is { IsLinked: true }, options.Coherence?.Channel.HearsTierWrites == true);

    private List<LoadFlight<TKey, TValue>> UnderWay()
    {
        List<LoadFlight<TKey, TValue>> all = [];
        foreach (var shard in Core.Shards.All) all.AddRange(shard.Claimed().OfType<LoadFlight<TKey, TValue>>());
        return all;
    }
}
