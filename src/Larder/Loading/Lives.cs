using Larder.Expiry;
using Larder.Memory;
using Larder.Tiers;

namespace Larder.Loading;

/// <summary>Turns lifetimes into the instants at which one entry ages.</summary>
internal readonly struct Lives<TKey, TValue>(CacheOptions<TKey, TValue> memory, RefreshOptions<TKey, TValue> refresh) where TKey : notnull
{
    // How many times the mean an early refresh may come early. Further, the chance is one in a billion.
    private const double EarlyReach = 20;

    internal Lifetime ForValue(TKey key, TValue value) =>
        memory.LifetimeOf is not { } of ? memory.Lifetime : Checked(of(key, value) ?? memory.Lifetime, nameof(CacheOptions<,>.LifetimeOf));

    internal Lifetime ForAbsence => memory.Absent.Lifetime ?? memory.Lifetime;

    internal static Lifetime Checked(Lifetime lifetime, string name)
    {
        if (lifetime.Faults(name).FirstOrDefault() is { } fault) throw new ArgumentException(fault, name);
        return lifetime;
    }

    /// <summary>Lays the three ages of the lifetime end to end from now on. Returns the instant at which the entry is gone.</summary>
    internal long Begin(ref Kept<TValue> kept, Lifetime lifetime, long now)
    {
        kept.WrittenAt = now;
        kept.FreshUntil = FreshUntil(lifetime, now);
        kept.StaleUntil = After(kept.FreshUntil, lifetime.Stale.Ticks);
        kept.NextRefresh = kept.NextRefreshAt(FirstRefresh(kept));
        return After(kept.StaleUntil, lifetime.Fallback.Ticks);
    }

    /// <summary>Gives a value that a tier had what is left of its life there, and no more than its lifetime in memory. Returns the instant at which it is gone.</summary>
    internal long Resume(ref Kept<TValue> kept, Lifetime lifetime, in TierLife left, long now)
    {
        long gone = Begin(ref kept, lifetime, now);
        kept.WrittenAt = now - left.Age;
        kept.FreshUntil = Math.Min(kept.FreshUntil, After(now, left.Fresh));
        kept.StaleUntil = Math.Min(kept.StaleUntil, After(now, left.Served));
        kept.NextRefresh = kept.NextRefreshAt(FirstRefresh(kept));
        return Math.Min(gone, After(now, left.Kept));
    }

    /// <summary>What is left of an entry's life.</summary>
    internal static TierLife LifeOf(in NewEntry<TKey, Kept<TValue>> written, long now)
    {
        long kept = Left(written.HardDeadline, now);
        return written.IsAbsent
            ? new(kept, kept, kept, 0)
            : new(Left(written.Value.FreshUntil, now), Left(written.Value.StaleUntil, now), kept, now - written.Value.WrittenAt);
    }

    /// <summary>A life that begins now.</summary>
    internal static TierLife LifeOf(Lifetime lifetime, bool isAbsent)
    {
        long fresh = FreshUntil(lifetime, 0);
        if (isAbsent) return new(fresh, fresh, fresh, 0);
        long served = After(fresh, lifetime.Stale.Ticks);
        return new(fresh, served, After(served, lifetime.Fallback.Ticks), 0);
    }

    private static long Left(long instant, long now) => instant == TimedNode.Never ? TimedNode.Never : Math.Max(0, instant - now);

    internal static long FreshUntil(Lifetime lifetime, long now)
    {
        long fresh = lifetime.Fresh.Ticks;
        if (lifetime.Jitter is { } jitter && fresh != long.MaxValue) fresh -= jitter.Cut(fresh);
        return After(now, fresh);
    }

    /// <summary>Whether a reader of this value, which is due for thinking of a refresh, should have one begun.</summary>
    internal bool WantsRefresh(in Kept<TValue> kept, long now)
    {
        if (now >= kept.FreshUntil || now >= AheadAt(kept)) return true;
        if (now >= LinearAt(kept) && now - LinearAt(kept) > refresh.Source.NextDouble() * (kept.FreshUntil - LinearAt(kept))) return true;
        if (refresh.EarlyFactor == 0) return false;

        // XFetch (Vattani, Chierichetti, Lowenstein, VLDB 2015): the fresh life ends for this reader a random while early.
        return now - kept.LoadTime.Ticks * refresh.EarlyFactor * Math.Log(1 - refresh.Source.NextDouble()) >= kept.FreshUntil;
    }

    /// <summary>When a reader first has a refresh of this value to think of.</summary>
    internal long FirstRefresh(in Kept<TValue> kept)
    {
        if (kept.FreshUntil == TimedNode.Never) return TimedNode.Never;
        long early = (long)Math.Min(kept.LoadTime.Ticks * refresh.EarlyFactor * EarlyReach, kept.FreshUntil - kept.WrittenAt);
        return Math.Min(Math.Min(AheadAt(kept), LinearAt(kept)), kept.FreshUntil - early);
    }

    private long AheadAt(in Kept<TValue> kept) => kept.FreshUntil - (long)((kept.FreshUntil - kept.WrittenAt) * refresh.AheadBelow);

    private long LinearAt(in Kept<TValue> kept) => kept.WrittenAt + (long)((kept.FreshUntil - kept.WrittenAt) * refresh.LinearFrom);

    private static long After(long instant, long ticks) => ticks >= TimedNode.Never - instant ? TimedNode.Never : instant + ticks;
}
