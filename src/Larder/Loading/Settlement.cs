using Larder.Memory;
using Larder.Observability;
using Larder.Resilience;
using Larder.Tiers;

namespace Larder.Loading;

/// <summary>
/// Ends loads: looks up in the <see cref="LoadTable"/> what follows, writes it unless the key was written or removed
/// meanwhile, tells the breakers, and remembers failures. Never throws.
/// </summary>
internal sealed class Settlement<TKey, TValue>(Loads<TKey, TValue> loads, LoadingCacheOptions<TKey, TValue> options) where TKey : notnull
{
    // How soon a refresh that a breaker refused is thought of again, at least.
    private static readonly long _refusalTicks = TimeSpan.FromMilliseconds(100).Ticks;

    private readonly MemoryCore<TKey, Kept<TValue>> _core = loads.Core;
    private readonly LoadCounters _counters = loads.Counters;
    private long _version;

    /// <summary>The number of the latest write.</summary>
    internal long Version => Volatile.Read(ref _version);

    internal long NextVersion() => Interlocked.Increment(ref _version);

    internal Verdict<TKey, TValue> Settle(LoadFlight<TKey, TValue> flight, in LoadOutcome<TValue> outcome)
    {
        var took = TimeSpan.FromTicks(Math.Max(0, loads.Time.GetElapsedTime(flight.Began).Ticks));
        Count(flight, outcome, took);
        flight.Passes.Leave(outcome.Ending switch
        {
            LoadEnding.Threw or LoadEnding.TimedOut => BreakerOutcome.Failure,
            LoadEnding.Cancelled or LoadEnding.Refused or LoadEnding.Found or LoadEnding.Nowhere => BreakerOutcome.Neutral,
            _ => BreakerOutcome.Success,
        });

        try
        {
            return Write(flight, outcome, took);
        }
        catch (Exception error)
        {
            return Unwritten(flight, error, took);
        }
    }

    // A function of the user's threw over the value: a copier, a weigher, the lifetime's. Then there is none.
    private Verdict<TKey, TValue> Unwritten(LoadFlight<TKey, TValue> flight, Exception error, TimeSpan took)
    {
        try
        {
            return Write(flight, LoadOutcome<TValue>.Failed(error), took);
        }
        catch (Exception again)
        {
            // It was the key's comparer. Whoever meets the claim that is left sees that this load is over.
            return new(Answer.Error, null, again);
        }
    }

    /// <summary>What a value written now is to be kept as. Runs the user's functions over it.</summary>
    internal NewEntry<TKey, Kept<TValue>> Prepare(TKey key, int hash, TValue value, Lifetime? lifetime, TagSet tags, long? weight = null, string? tag = null, TimeSpan took = default, long? asOf = null)
    {
        if (options.Memory.Copy.OnWrite is { } copy) value = copy(value);
        long weighs = weight ?? options.Memory.Weigher?.Invoke(key, value) ?? 1;
        if (weighs < 0) throw new ArgumentOutOfRangeException(nameof(weight), weighs, "The weight of an entry must be zero or more.");
        var kept = new Kept<TValue> { Value = value, LoadTime = took };
        kept.Mark(tag, options.TagsOf is { } of ? tags.With(of(key, value)) : tags);
        return Entry(key, hash, kept, isAbsent: false, weighs, lifetime ?? loads.Lives.ForValue(key, value), asOf);
    }

    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="loaded">What was brought.</param>
    /// <param name="took">How long that took.</param>
    /// <param name="asOf">The number of the latest write when the loader was asked: tags removed since count.</param>
    internal NewEntry<TKey, Kept<TValue>> PrepareLoaded(TKey key, int hash, in Loaded<TValue> loaded, TimeSpan took, long asOf) =>
        Prepare(key, hash, loaded.Value!, Checked(loaded.Lifetime), loaded.Tags, loaded.Weight, loaded.Tag, took, asOf);

    internal NewEntry<TKey, Kept<TValue>> PrepareAbsence(TKey key, int hash, Lifetime? lifetime, TagSet tags = default, long? asOf = null)
    {
        var kept = new Kept<TValue>();
        kept.Mark(null, tags);
        return Entry(key, hash, kept, isAbsent: true, 1, lifetime ?? loads.Lives.ForAbsence, asOf);
    }

    /// <summary>The flight has found an old value in a tier: it is what is served if the loader fails.</summary>
    internal void TakeFallback(LoadFlight<TKey, TValue> flight, TierFind<TValue> find)
    {
        if (flight.Old is { IsAbsent: false } old && _core.Now < old.ExpiresAt) return;
        try
        {
            flight.TakeFallback(Resumed(flight, find));
        }
        catch (Exception)
        {
            // A function of the user's threw over the value: then there is no fallback.
        }
    }

    private Verdict<TKey, TValue> Write(LoadFlight<TKey, TValue> flight, in LoadOutcome<TValue> outcome, TimeSpan took)
    {
        // What is not modified was there when the loader was told of it. If a tag of it has been removed since, it is not kept: see Changes.Commit.
        var age = outcome.Ending == LoadEnding.NotModified && flight.IsToldOld ? EntryAge.Expired : loads.AgeOf(flight.Old, _core.Now);
        var decision = LoadTable.Decide(
            age, outcome.Ending, options.Failure.UsesFallback, flight.IsRefresh && options.Refresh.DropsOnError);
        Entry<TKey, Kept<TValue>>? made = null;
        switch (decision.Fate)
        {
            case Fate.Store:
                made = Store(flight, PrepareLoaded(flight.Key, flight.Hash, outcome.Loaded with { Lifetime = flight.InMemory ?? outcome.Loaded.Lifetime }, took, flight.AsOf), outcome.Loaded.Lifetime);
                break;
            case Fate.StoreFound:
                made = StoreFound(flight, flight.Below!.Found!);
                break;
            case Fate.Renew:
                made = Store(flight, Renewed(flight, outcome.Loaded, took), outcome.Loaded.Lifetime);
                break;
            case Fate.StoreAbsence when options.RemembersAbsent:
                Store(flight, PrepareAbsence(flight.Key, flight.Hash, Checked(outcome.Loaded.Lifetime), outcome.Loaded.Tags, flight.AsOf), outcome.Loaded.Lifetime);
                break;
            case Fate.StoreAbsence:
                Drop(flight, RemovalCause.Removed);
                break;
            case Fate.Drop:
                made = outcome.Ending == LoadEnding.Unkept ? Prepare(flight.Key, flight.Hash, outcome.Loaded.Value!, null, default, 1).Made : null;
                Drop(flight, outcome.Ending == LoadEnding.Unkept ? RemovalCause.Removed : RemovalCause.RefreshDropped);
                break;
            case Fate.Leave when flight.Below?.Fallback is { } fallback && decision.Answer == Answer.Old && (flight.Skip & Skip.Memory) == 0:
                // From a tier: the next reader finds it in memory. Whoever went past memory does not know what is there.
                loads.Changes.CommitFallback(flight, fallback, flight.Below.Stamps);
                break;
            default:
                _core.ShardOf(flight.Hash).Abandon(flight, flight.Key);
                break;
        }

        if (outcome.Ending == LoadEnding.Found && flight.Below!.Found!.IsAbsent) return new(Answer.Absence, null, null);
        long until = _core.Now;
        if (decision.Fate == Fate.Leave || decision.IsFailure) until = Postponed(flight, outcome, decision, until);
        else loads.Failures.Forget(flight.Key);

        // Whatever is there still: a refresh of it has come to nothing, or a reader who wanted one has left it to this load.
        ThinkAgain(flight.Seen, until);
        ThinkAgain(flight.Below?.Fallback?.Made, until);
        return new(decision.Answer, decision.Answer == Answer.Old ? flight.Old : made, outcome.Error);
    }

    private Entry<TKey, Kept<TValue>> Store(LoadFlight<TKey, TValue> flight, in NewEntry<TKey, Kept<TValue>> written, Lifetime? given)
    {
        if (!loads.Changes.Commit(flight, written, given, flight.Below?.Stamps, out var tried, waits: flight.Below?.Lease is not null, flight.Skip)) Interlocked.Increment(ref _counters.Superseded);
        if (flight.Below is { } below) below.Written = tried;
        return written.Made!;
    }

    private Entry<TKey, Kept<TValue>>? StoreFound(LoadFlight<TKey, TValue> flight, TierFind<TValue> find)
    {
        if (find.IsAbsent && !options.RemembersAbsent)
        {
            Drop(flight, RemovalCause.Removed);
            return null;
        }

        var written = find.IsAbsent ? Entry(flight.Key, flight.Hash, Marked(new(), find), isAbsent: true, 1, loads.Lives.ForAbsence, flight.AsOf, find.Life) : Resumed(flight, find);
        if (!loads.Changes.CommitFound(flight, written, find, flight.Below?.Stamps, flight.Skip)) Interlocked.Increment(ref _counters.Superseded);
        return written.Made!;
    }

    private NewEntry<TKey, Kept<TValue>> Resumed(LoadFlight<TKey, TValue> flight, TierFind<TValue> find)
    {
        var key = flight.Key;
        var value = find.Value!;
        long weighs = options.Memory.Weigher?.Invoke(key, value) ?? 1;
        if (weighs < 0) throw new InvalidOperationException($"The weigher gave {weighs}; the weight of an entry must be zero or more.");
        return Entry(key, flight.Hash, Marked(new() { Value = value }, find), isAbsent: false, weighs, flight.InMemory ?? loads.Lives.ForValue(key, value), flight.AsOf, find.Life);
    }

    private static Kept<TValue> Marked(Kept<TValue> kept, TierFind<TValue> find)
    {
        kept.Mark(null, find.Tags);
        return kept;
    }

    // A value whose refresh failed leaves only if it is still that value. Who does not write does not remove.
    private void Drop(LoadFlight<TKey, TValue> flight, RemovalCause cause)
    {
        if ((flight.Skip & (Skip.MemoryWrite | Skip.TierWrite)) != 0) _core.ShardOf(flight.Hash).Abandon(flight, flight.Key);
        else loads.Changes.AbandonAndDrop(flight, flight.Key, flight.Hash, cause == RemovalCause.RefreshDropped ? flight.Seen : null, cause);
    }

    // The old value, with its life begun anew. It was copied when it was written.
    private NewEntry<TKey, Kept<TValue>> Renewed(LoadFlight<TKey, TValue> flight, in Loaded<TValue> loaded, TimeSpan took)
    {
        var old = flight.Old!;
        var kept = new Kept<TValue> { Value = old.Value.Value, LoadTime = took };
        kept.Mark(loaded.Tag ?? old.Value.Tag, loaded.Tags.Count > 0 ? loaded.Tags : old.Value.Tags);
        return Entry(flight.Key, flight.Hash, kept, isAbsent: false, loaded.Weight ?? old.Weight, Checked(loaded.Lifetime) ?? loads.Lives.ForValue(flight.Key, kept.Value), flight.AsOf);
    }

    private NewEntry<TKey, Kept<TValue>> Entry(TKey key, int hash, Kept<TValue> kept, bool isAbsent, long weight, Lifetime lifetime, long? asOf, TierLife? left = null)
    {
        long now = _core.Now;
        long gone = left is { } life ? loads.Lives.Resume(ref kept, lifetime, life, now) : loads.Lives.Begin(ref kept, lifetime, now);
        if (isAbsent) (gone, kept.FreshUntil, kept.NextRefresh) = (kept.FreshUntil, 0, kept.NextRefreshAt(0));
        if (loads.Coherent is { } coherent) kept.NextRefresh = kept.NextRefreshAt(coherent.NextRefresh(Kept<TValue>.InstantOf(kept.NextRefresh), now));
        long version = NextVersion();
        kept.Version = (uint)version;
        kept.JudgedAt = asOf ?? version;
        long idle = lifetime.Idle?.Ticks ?? 0;
        if (idle != 0) _core.ProlongOnHits();
        long deadline = idle != 0 && idle < gone - now ? now + idle : gone;
        var written = new NewEntry<TKey, Kept<TValue>>(key, kept, hash, isAbsent, weight, deadline, gone, idle);
        return written with { Made = written.ToEntry() };
    }

    // Before when the key is not asked for again, by readers who wait or by refreshes.
    private long Postponed(LoadFlight<TKey, TValue> flight, in LoadOutcome<TValue> outcome, in Decision decision, long now)
    {
        long until = outcome.Ending == LoadEnding.Refused ? now + Math.Max(_refusalTicks, options.Failure.Breaker?.RetryAfter.Ticks ?? 0) : now;
        return decision.IsFailure && outcome.Error is { } error ? loads.Failures.Remember(flight.Key, flight.Work, error, now) : until;
    }

    // A reader has a refresh of the entry to think of again.
    private void ThinkAgain(Entry<TKey, Kept<TValue>>? entry, long until)
    {
        if (entry is { IsAbsent: false }) Volatile.Write(ref entry.Value.NextRefresh, entry.Value.NextRefreshAt(Math.Max(until, loads.Lives.FirstRefresh(entry.Value))));
    }

    private void Count(LoadFlight<TKey, TValue> flight, in LoadOutcome<TValue> outcome, TimeSpan took)
    {
        switch (outcome.Ending)
        {
            case LoadEnding.Cancelled:
                Interlocked.Increment(ref _counters.Cancelled);
                return;
            case LoadEnding.Found or LoadEnding.Nowhere:
                return;
            case LoadEnding.Refused:
                Interlocked.Increment(ref flight.IsRefresh ? ref _counters.RefreshesRefused : ref _counters.Refused);
                return;
            case LoadEnding.Threw or LoadEnding.TimedOut:
                Interlocked.Increment(ref _counters.Failures);
                if (outcome.Ending == LoadEnding.TimedOut) Interlocked.Increment(ref _counters.Timeouts);
                if (flight.IsRefresh) Interlocked.Increment(ref _counters.RefreshFailures);
                loads.Told.Failed(outcome.Error!, Volatile.Read(ref _counters.Failures));
                break;
            default:
                Interlocked.Increment(ref _counters.Loads);
                break;
        }

        Interlocked.Add(ref _counters.Ticks, took.Ticks);
        Durations.AddLoad(loads.Name, took);
        _counters.Latencies.Add(took);
    }

    private static Lifetime? Checked(Lifetime? lifetime) => lifetime is null ? null : Lives<TKey, TValue>.Checked(lifetime, nameof(Loaded<>.Lifetime));
}
