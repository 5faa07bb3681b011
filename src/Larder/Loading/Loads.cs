using Larder.Memory;
using Larder.Resilience;

namespace Larder.Loading;

/// <summary>The loads of one cache: who begins one, who joins one, and when one is not begun.</summary>
internal sealed class Loads<TKey, TValue> : IDisposable where TKey : notnull
{
    private readonly CancellationTokenSource _lifetime = new();
    private readonly KeyedBreakers<TKey>? _keyBreakers;
    private readonly BatchCollector<TKey, TValue>? _collector;
    private readonly Settlement<TKey, TValue> _settlement;
    private readonly RefreshSlots<TKey, TValue> _slots;
    private int _abandoned;

    internal Loads(LoadingCacheOptions<TKey, TValue> options, MemoryCore<TKey, Kept<TValue>> core)
    {
        Core = core;
        Name = options.Name;
        Failure = options.Failure;
        Refresh = options.Refresh;
        Batches = options.Batches;
        Time = options.Memory.TimeProvider;
        Copies = options.Memory.Copy;
        Lifetime = _lifetime.Token;
        Lives = new(options.Memory, options.Refresh);
        Chain = new(options.Loaders, options.Batches, core.Comparer);
        RefreshChain = options.Refresh.Loaders is { Count: > 0 } own ? new(own, options.Batches, core.Comparer) : Chain;
        Failures = new(options.Failure, options.Memory.Comparer, Time);
        _keyBreakers = options.Failure.BreakerPerKey is { } perKey ? new(perKey, options.Memory.Comparer) : null;
        _collector = options.Batches.Window > TimeSpan.Zero ? new(this, Chain) : null;
        _settlement = new(this, options);
        Offers = new(this);
        _slots = new(options.Refresh.MaxConcurrent, options.Refresh.MaxWaiting, RefreshChain.TakesMany ? new(this, RefreshChain) : null);
    }

    internal string Name { get; }

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

    /// <summary>Cancelled when the cache is disposed.</summary>
    internal CancellationToken Lifetime { get; }

    internal Settlement<TKey, TValue> Settlement => _settlement;

    internal Results<TKey, TValue> Results => new(this);

    internal Offers<TKey, TValue> Offers { get; }

    internal int Abandoned => Volatile.Read(ref _abandoned);

    /// <summary>A read found nothing it may be served. It leads or joins a load; or it is served after all, for something has come meanwhile.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="seen">What the read found.</param>
    /// <param name="maker">Makes the load.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    /// <param name="anew">Whether a load is wanted, whatever there is.</param>
    /// <param name="led">Where a load that the read leads is put, to be begun by the caller; null to begin it here.</param>
    internal Reading<TKey, TValue> Read<TMaker>(TKey key, int hash, Entry<TKey, Kept<TValue>>? seen, in TMaker maker, CancellationToken cancellationToken,
        bool anew = false, List<AskingFlight<TKey, TValue>>? led = null)
        where TMaker : struct, IFlightMaker<TKey, TValue>
    {
        if (cancellationToken.IsCancellationRequested) return Reading<TKey, TValue>.Failed(new OperationCanceledException(cancellationToken));
        while (true)
        {
            long now = Core.Now;
            var met = EntryAges.StatusOf(EntryAges.Of(seen, now));
            if (!anew && met is not (ReadStatus.Miss or ReadStatus.Expired)) return Reading<TKey, TValue>.Served(seen, met);
            if (!maker.CanMake(this)) return Reading<TKey, TValue>.Served(null, ReadStatus.Miss);
            var candidate = maker.Make(this, key, hash, seen, met);
            if (!anew && Failures.Current(key, candidate.Work, now) is { } failure) return AfterFailure(seen, failure.Error);

            candidate.Lead();
            var claim = Core.ShardOf(hash).Enlist(key, hash, seen, candidate, out var current);
            if (claim is null)
            {
                seen = current;
                continue;
            }

            var flight = (LoadFlight<TKey, TValue>)claim;
            bool joins = flight != candidate;
            if (joins && !flight.TryJoin())
            {
                // It is over, or was given up this moment. What it leaves behind decides what comes next.
                Core.ShardOf(hash).Abandon(flight, key);
                seen = Core.Find(key, hash);
                continue;
            }

            if (joins) Interlocked.Increment(ref Counters.Joins);
            else if (led is not null) led.Add(candidate);
            else Launch(candidate, cancellationToken.CanBeCanceled);
            if (!flight.IsOver && flight.Wait(joins, cancellationToken) is { } waiter) return Reading<TKey, TValue>.Waiting(waiter);
            return Reading<TKey, TValue>.Over(flight, joins);
        }
    }

    /// <summary>Begins a refresh of what a reader has just been served, unless one is under way, or too many are.</summary>
    internal void TryRefresh<TMaker>(Entry<TKey, Kept<TValue>> entry, long now, in TMaker maker) where TMaker : struct, IFlightMaker<TKey, TValue>
    {
        ref long next = ref entry.Value.NextRefresh;
        long due = Volatile.Read(ref next);
        if (now < due || !maker.CanMake(this) || !Lives.WantsRefresh(entry.Value, now)) return;
        if (Interlocked.CompareExchange(ref next, Expiry.TimedNode.Never, due) != due) return;
        if (Lifetime.IsCancellationRequested || !_slots.TryReserve())
        {
            Interlocked.Increment(ref Counters.RefreshesRefused);
            Volatile.Write(ref next, due);
            return;
        }

        var flight = maker.Make(this, entry.Key, entry.Hash, entry, met: null);
        if (Core.ShardOf(entry.Hash).Enlist(entry.Key, entry.Hash, entry, flight, out _) != flight)
        {
            // Another loads it already, and will say when to think of it next; or it is no longer what is there.
            _slots.Release();
            return;
        }

        Interlocked.Increment(ref Counters.RefreshesStarted);
        _slots.Run(flight);
    }

    /// <summary>Writes what somebody who knows brings, over whatever is there or being loaded.</summary>
    internal void Write(in NewEntry<TKey, Kept<TValue>> written)
    {
        Offers.Touch(written.Hash);
        Core.Set(written);
        Failures.Forget(written.Key);
    }

    /// <summary>Removes the key, and what is being loaded for it is not kept. Returns whether there was a value to serve.</summary>
    internal bool Remove(TKey key, int hash, RemovalCause cause)
    {
        Offers.Touch(hash);
        Failures.Forget(key);
        var seen = Core.Find(key, hash);
        bool isServed = EntryAges.Of(seen, Core.Now) is EntryAge.Fresh or EntryAge.Stale;
        return Core.ShardOf(hash).Remove(key, hash, cause, Core.Now, out _) && isServed;
    }

    internal void Clear()
    {
        Offers.TouchAll();
        Failures.Clear();
        foreach (var shard in Core.Shards) shard.Clear(RemovalCause.Cleared, Core.Now);
    }

    /// <summary>Keeps what a batch brought beside what it was asked for.</summary>
    internal void Offer(TKey key, in Loaded<TValue> loaded, long asOf)
    {
        try
        {
            if (loaded.IsKept) Offers.TryPut(Settlement.PrepareLoaded(key, Core.HashOf(key), loaded, TimeSpan.Zero), asOf);
        }
        catch (Exception)
        {
            // A function of the user's threw over a value that nobody asked for: then it is not kept.
            Interlocked.Increment(ref Counters.Failures);
        }
    }

    internal void RefreshEnded() => _slots.RunNext();

    /// <summary>Begins a load: by itself, or together with others that come within the batch window.</summary>
    private void Launch(AskingFlight<TKey, TValue> flight, bool canBeDeserted)
    {
        if (_collector is not null && flight.Work == this) _collector.Add(flight);
        else flight.Start(canBeDeserted);
    }

    /// <summary>Why the flight's loader is not to be asked; null if it may be, and the breakers have let it pass.</summary>
    internal Exception? MayAsk(LoadFlight<TKey, TValue> flight, bool isAlone)
    {
        if (Lifetime.IsCancellationRequested) return new ObjectDisposedException(Name);
        if (Abandoned >= Failure.MaxAbandoned)
            return new InvalidOperationException($"{Abandoned} loads of cache '{Name}' were given up and have not returned; no more are begun until some do.");
        return flight.Passes.EnterKey(_keyBreakers, flight.Key, Name) ?? (isAlone ? flight.Passes.Enter(Failure.Breaker, Name) : null);
    }

    internal void AbandonedOne() => Interlocked.Increment(ref _abandoned);

    internal void AbandonedReturned() => Interlocked.Decrement(ref _abandoned);

    /// <summary>What the loader is told of the key.</summary>
    internal LoadRequest<TKey, TValue> RequestFor(LoadFlight<TKey, TValue> flight)
    {
        if (flight.Seen is not { IsAbsent: false } seen || Core.Now is var now && now >= seen.ExpiresAt)
            return new(flight.Key, Loaded<TValue>.Absent, TimeSpan.Zero, flight.IsRefresh);
        return new(flight.Key, new(ForReader(seen.Value.Value)) { Tag = seen.Value.Tag }, TimeSpan.FromTicks(now - seen.Value.WrittenAt), flight.IsRefresh);
    }

    internal bool HasFallback(Entry<TKey, Kept<TValue>>? seen) =>
        Failure.UsesFallback && EntryAges.Of(seen, Core.Now) is EntryAge.Fresh or EntryAge.Stale or EntryAge.Expired;

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
        Failures.Dispose();
        _keyBreakers?.Dispose();
        _lifetime.Dispose();
    }

    private List<LoadFlight<TKey, TValue>> UnderWay()
    {
        List<LoadFlight<TKey, TValue>> all = [];
        foreach (var shard in Core.Shards) all.AddRange(shard.Claimed().OfType<LoadFlight<TKey, TValue>>());
        return all;
    }

    private Reading<TKey, TValue> AfterFailure(Entry<TKey, Kept<TValue>>? seen, Exception error)
    {
        if (!HasFallback(seen)) return Reading<TKey, TValue>.Failed(error);
        Interlocked.Increment(ref Counters.Fallbacks);
        return Reading<TKey, TValue>.Served(seen, ReadStatus.Fallback, error);
    }
}
