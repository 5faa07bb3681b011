using Larder.Advising;
using Larder.Expiry;
using Larder.Memory;

namespace Larder.Loading;

/// <summary>The path of one read: what it finds, whether that begins a refresh, and if it is not enough, the load it leads or joins.</summary>
internal readonly struct Reads<TKey, TValue>(Loads<TKey, TValue> loads) where TKey : notnull
{
    /// <summary>What a read finds: counted, marked as used, and refreshed if it is time.</summary>
    internal ReadStatus Meet<TMaker>(TKey key, int hash, out Entry<TKey, Kept<TValue>>? entry, in TMaker maker) where TMaker : struct, IFlightMaker<TKey, TValue>
    {
        entry = Find(key, hash);
        long now = loads.Core.Now;
        var status = EntryAges.StatusOf(EntryAges.Of(entry, now));
        loads.Core.Reads.Add(status);
        loads.Recorder?.Invoke(key);
        if (status == ReadStatus.Miss)
        {
            loads.Core.ThrowIfDisposed();
            loads.Core.Shards.Advisor?.HearMiss(hash, hasLapsed: false);
            return status;
        }

        loads.Core.Use(entry!, status == ReadStatus.Expired ? KeyEvent.Lapsed : KeyEvent.Hit);
        if (status is ReadStatus.Hit or ReadStatus.Stale) TryRefresh(entry!, now, maker);
        return status;
    }

    /// <summary>What memory has of the key. An entry that bears a removed tag leaves when it is met.</summary>
    internal Entry<TKey, Kept<TValue>>? Find(TKey key, int hash)
    {
        var entry = loads.Core.Find(key, hash);
        if (entry is null || loads.Admits(ref entry.Value)) return entry;
        loads.Core.ShardOf(hash).Drop(entry, RemovalCause.Invalidated, loads.Core.Now);
        return null;
    }

    /// <summary>As <see cref="Meet"/>, and loads if there is nothing to serve.</summary>
    internal Reading<TKey, TValue> MeetOrLoad<TMaker>(TKey key, in TMaker maker, CancellationToken cancellationToken) where TMaker : struct, IFlightMaker<TKey, TValue>
    {
        int hash = loads.Core.HashOf(key);
        var status = Meet(key, hash, out var entry, maker);
        return status is ReadStatus.Miss or ReadStatus.Expired
            ? Load(key, hash, entry, maker, cancellationToken)
            : Reading<TKey, TValue>.Served(entry, status);
    }

    /// <summary>A read found nothing it may be served. It leads or joins a load; or it is served after all, for something has come meanwhile.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="seen">What the read found.</param>
    /// <param name="maker">Makes the load.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    /// <param name="freshBeyond">Unless it is the least: that a load is wanted whatever memory has, and what a tier's value must be to do; see <see cref="AskingFlight{TKey, TValue}.FreshBeyond"/>.</param>
    /// <param name="led">Where a load that the read leads is put, to be begun by the caller; null to begin it here.</param>
    internal Reading<TKey, TValue> Load<TMaker>(TKey key, int hash, Entry<TKey, Kept<TValue>>? seen, in TMaker maker, CancellationToken cancellationToken,
        long freshBeyond = AskingFlight.AnyAge, List<AskingFlight<TKey, TValue>>? led = null)
        where TMaker : struct, IFlightMaker<TKey, TValue>
    {
        if (cancellationToken.IsCancellationRequested) return Reading<TKey, TValue>.Failed(new OperationCanceledException(cancellationToken));
        bool anew = freshBeyond != AskingFlight.AnyAge;
        while (true)
        {
            long now = loads.Core.Now;
            var met = EntryAges.StatusOf(loads.AgeOf(seen, now));
            bool isServed = met is not (ReadStatus.Miss or ReadStatus.Expired);
            if (isServed && !anew) return Reading<TKey, TValue>.Served(seen, met);
            if (isServed || freshBeyond == AskingFlight.AnyAgeAnew) met = ReadStatus.Miss; // Who goes past memory has met nothing there.

            if (!maker.CanMake(loads, forRefresh: false)) return Reading<TKey, TValue>.Served(null, ReadStatus.Miss);
            if (!anew && loads.Failures.Current(key, maker.Work(loads), now) is { } failure) return AfterFailure(seen, failure.Error);

            var candidate = new FlightClaim<TKey, TValue, TMaker>(maker, loads, key, hash, seen, met, freshBeyond);
            if (loads.Core.ShardOf(hash).Enlist(key, hash, seen, candidate, out var current, out bool leads) is not AskingFlight<TKey, TValue> flight)
            {
                seen = current;
                continue;
            }

            if (!leads && !flight.TryJoin())
            {
                // It is over, or was given up this moment. What it leaves behind decides what comes next.
                loads.Core.ShardOf(hash).Abandon(flight, key);
                seen = Find(key, hash);
                continue;
            }

            if (!leads) Interlocked.Increment(ref loads.Counters.Joins);
            else if (led is not null) led.Add(flight);
            else Launch(flight, cancellationToken.CanBeCanceled);
            if (!flight.IsOver && flight.Wait(isJoined: !leads, cancellationToken) is { } waiter) return Reading<TKey, TValue>.Waiting(waiter);
            return Reading<TKey, TValue>.Over(flight, isJoined: !leads);
        }
    }

    /// <summary>Begins a refresh of what is there for the key, if it is time.</summary>
    internal void RefreshIfDue(TKey key, int hash)
    {
        if (Find(key, hash) is { IsAbsent: false } entry) TryRefresh(entry, loads.Core.Now, new ByChain<TKey, TValue>());
    }

    /// <summary>Begins a load: in the tiers, if there are any, and then by the loaders.</summary>
    private void Launch(AskingFlight<TKey, TValue> flight, bool canBeDeserted)
    {
        if (loads.Walk is { } walk) _ = Descend(walk, flight, canBeDeserted);
        else Ask(flight, canBeDeserted);
    }

    private async Task Descend(TierWalk<TKey, TValue> walk, AskingFlight<TKey, TValue> flight, bool canBeDeserted)
    {
        var rest = await walk.DescendAsync([flight]).ConfigureAwait(false);
        if (rest.Count > 0) Ask(flight, canBeDeserted);
    }

    /// <summary>Asks the loaders: for the key by itself, or together with others that come within the batch window.</summary>
    internal void Ask(AskingFlight<TKey, TValue> flight, bool canBeDeserted)
    {
        if (loads.Collector is not null && flight.Work == loads)
        {
            flight.ArmTimeouts(); // The window counts.
            loads.Collector.Add(flight);
        }
        else
        {
            flight.Start(canBeDeserted);
        }
    }

    /// <summary>Begins a refresh of what a reader has just been served, unless one is under way, or too many are.</summary>
    private void TryRefresh<TMaker>(Entry<TKey, Kept<TValue>> entry, long now, in TMaker maker) where TMaker : struct, IFlightMaker<TKey, TValue>
    {
        ref long next = ref entry.Value.NextRefresh;
        long due = Volatile.Read(ref next);
        if (now < Kept<TValue>.InstantOf(due) || !maker.CanMake(loads, forRefresh: true) || !(loads.Lives.WantsRefresh(entry.Value, now) || loads.Coherent is { IsStale: true })) return;
        if (Interlocked.CompareExchange(ref next, entry.Value.NextRefreshAt(TimedNode.Never), due) != due) return;
        if (loads.Lifetime.IsCancellationRequested || !loads.Slots.TryReserve())
        {
            Interlocked.Increment(ref loads.Counters.RefreshesRefused);
            Volatile.Write(ref next, due);
            return;
        }

        Claim? flight = null;
        bool leads = false;
        try
        {
            var candidate = new FlightClaim<TKey, TValue, TMaker>(maker, loads, entry.Key, entry.Hash, entry, met: null);
            flight = loads.Core.ShardOf(entry.Hash).Enlist(entry.Key, entry.Hash, entry, candidate, out _, out leads);
        }
        catch
        {
            Volatile.Write(ref next, due); // The comparer threw.
            throw;
        }
        finally
        {
            // If another loads it already, that will say when to think of it next; or it is no longer what is there.
            if (!leads) loads.Slots.Release();
        }

        if (!leads) return;
        Interlocked.Increment(ref loads.Counters.RefreshesStarted);
        loads.Slots.Run((AskingFlight<TKey, TValue>)flight!);
    }

    private Reading<TKey, TValue> AfterFailure(Entry<TKey, Kept<TValue>>? seen, Exception error)
    {
        if (!loads.HasFallback(seen)) return Reading<TKey, TValue>.Failed(error);
        Interlocked.Increment(ref loads.Counters.Fallbacks);
        return Reading<TKey, TValue>.Served(seen, ReadStatus.Fallback, error);
    }
}
