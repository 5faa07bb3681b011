using Larder.Expiry;
using Larder.Tiers;
using Larder.Writing;

namespace Larder.Loading;

/// <summary>What comes between memory and the loaders: loads are ended by what waits to be written, or by what a tier has.</summary>
internal sealed class TierWalk<TKey, TValue>(Loads<TKey, TValue> loads, TierChain<TKey, TValue>? tiers, Writes<TKey, TValue>? writes, CoherenceOptions? coherence, CacheOptions<TKey, TValue> memory) where TKey : notnull
{
    private readonly LeaseHolds<TKey, TValue>? _leases = tiers is not null && coherence?.Leases is not null ? new(loads, tiers, coherence) : null;

    private const string WritingTier = "writing";

    // What waits to be written is the newest there is, whatever its age: the source's own is older.
    private static readonly TierLife _whole = new(long.MaxValue, long.MaxValue, long.MaxValue, 0);

    // By so much a tier's value must stay fresh longer than what is there, to be worth taking in its place: clocks of two kinds are compared.
    private static readonly long _slack = TimeSpan.FromMilliseconds(100).Ticks;

    /// <summary>Looks below for what the flights are to bring, and ends those whose key it finds. Returns the others, which are to ask their loaders. Never throws.</summary>
    internal async ValueTask<List<AskingFlight<TKey, TValue>>> DescendAsync(IReadOnlyList<AskingFlight<TKey, TValue>> flights)
    {
        // Those who wait see this time too. For a refresh nobody waits.
        foreach (var flight in flights)
            if (!flight.IsRefresh) flight.ArmTimeouts();
        if (writes is not null) await writes.StartAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // A journal that cannot be read is no reason not to read.
        List<AskingFlight<TKey, TValue>> rest = [];
        List<Want> wants = new(flights.Count), anew = [];
        foreach (var flight in flights)
        {
            if (writes is not null && writes.TryFind(flight.Key, out var write)) End(flight, new(write.Value, write.IsRemoval, _whole, 0, WritingTier, write.Tags));
            else if (tiers is not null) (flight.LooksBelow ? wants : anew).Add(new(this, flight));
            else Pass(flight, rest);
        }

        // What is loaded anew whatever there is: shared tiers are asked for their stamps alone.
        if (anew.Count > 0 && tiers!.HasShared) await tiers.ReadAsync(anew, onlyShared: true).ConfigureAwait(false);
        foreach (var want in anew) Pass(want.Flight, rest);
        if (tiers is not null && wants.Count > 0) await tiers.ReadAsync(wants, onlyShared: loads.Coherent is { IsTrusted: false }).ConfigureAwait(false);
        foreach (var want in wants)
        {
            if (want.Taken is { } find) End(want.Flight, find);
            else Pass(want, rest);
        }

        return _leases is null || rest.Count == 0 ? rest : await LeaseAsync(rest).ConfigureAwait(false);
    }

    // Who has just got the lease looks once more: the one who had it before may have loaded the key in between.
    private async ValueTask<List<AskingFlight<TKey, TValue>>> LeaseAsync(List<AskingFlight<TKey, TValue>> flights)
    {
        var before = flights.Where(static flight => flight.Below?.Lease is not null || !flight.LooksBelow).ToHashSet();
        var mine = await _leases!.AcquireAsync(flights, DescendAgainAsync).ConfigureAwait(false);
        List<Want> wants = [.. mine.Where(flight => flight.Below?.Lease is not null && !before.Contains(flight)).Select(flight => new Want(this, flight))];
        if (wants.Count == 0) return mine;
        await tiers!.ReadAsync(wants, onlyShared: false).ConfigureAwait(false);
        foreach (var want in wants)
        {
            if (want.Taken is not { } find) continue;
            mine.Remove(want.Flight);
            End(want.Flight, find);
        }

        return mine;
    }

    private async Task DescendAgainAsync(AskingFlight<TKey, TValue> flight)
    {
        var rest = await DescendAsync([flight]).ConfigureAwait(false);
        if (rest.Count > 0) loads.Reads.Ask(flight, canBeDeserted: true);
    }

    private void End(AskingFlight<TKey, TValue> flight, TierFind<TValue> find)
    {
        flight.MakeBelow().Found = find;
        bool mayRefresh = !flight.IsRefresh && !flight.Skip.HasFlag(Skip.Loaders);
        flight.End(new(LoadEnding.Found, default, null));

        // It is served, and the next reader need not be the first to think of a refresh.
        if (mayRefresh && find.Life.Fresh == 0 && !find.IsAbsent) loads.Reads.RefreshIfDue(flight.Key, flight.Hash);
    }

    // An old value from below is what is served if the loaders fail.
    private void Pass(Want want, List<AskingFlight<TKey, TValue>> rest)
    {
        var flight = want.Flight;
        if (want.Old is { } old && loads.Failure.UsesFallback && !flight.IsRefresh) loads.Settlement.TakeFallback(flight, old);
        Pass(flight, rest);
    }

    private static void Pass(AskingFlight<TKey, TValue> flight, List<AskingFlight<TKey, TValue>> rest)
    {
        if (flight.HasLoader) rest.Add(flight);
        else flight.End(new(LoadEnding.Nowhere, default, null));
    }

    private bool Suffices(AskingFlight<TKey, TValue> flight, TierFind<TValue> find)
    {
        long now = loads.Core.Now;
        long beyond = flight.IsRefresh && flight.Seen is { } seen ? Math.Max(now, After(seen.Value.FreshUntil, _slack)) : flight.FreshBeyond;
        if (beyond <= AskingFlight.AnyAgeAnew) return find.Life.Served > 0;
        return !(find.IsAbsent && flight.IsRefresh) && After(now, Math.Min(memory.Lifetime.Fresh.Ticks, find.Life.Fresh)) > beyond;
    }

    private static long After(long instant, long ticks) => ticks >= TimedNode.Never - instant ? TimedNode.Never : instant + ticks;

    private sealed class Want(TierWalk<TKey, TValue> walk, AskingFlight<TKey, TValue> flight) : ITierWant<TKey, TValue>
    {
        public TKey Key => flight.Key;

        internal AskingFlight<TKey, TValue> Flight => flight;

        /// <summary>What ends the flight.</summary>
        internal TierFind<TValue>? Taken { get; private set; }

        /// <summary>What may be fallen back on.</summary>
        internal TierFind<TValue>? Old { get; private set; }

        public void Stamped(int level, TierStamp stamp)
        {
            var stamps = flight.MakeBelow().Stamps ??= new TierStamp?[flight.Loads.Tiers!.Tiers.Count];
            if (stamp != TierStamp.Nothing || stamps[level] is null) stamps[level] = stamp; // Asked in vain, it is what it was.
        }

        public bool Take(TierFind<TValue> find)
        {
            if (!flight.LooksBelow) return false;
            if (walk.Suffices(flight, find)) Taken = find;
            else if (!find.IsAbsent && (Old is null || find.Life.Age < Old.Life.Age)) Old = find;
            return Taken is not null;
        }
    }
}
