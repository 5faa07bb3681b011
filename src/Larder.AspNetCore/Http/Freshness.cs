namespace Larder.AspNetCore.Http;

/// <summary>How old a response is, and how old it may be.</summary>
internal sealed class Freshness
{
    // What §4.2.2 calls a typical fraction of the time since the last modification.
    private const double Fraction = 0.1;

    private readonly DateTimeOffset _receivedAt;
    private readonly TimeSpan _initialAge;

    private Freshness(DateTimeOffset receivedAt, TimeSpan initialAge) => (_receivedAt, _initialAge) = (receivedAt, initialAge);

    /// <summary>From its making on (§4.2.1).</summary>
    internal TimeSpan Lifetime { get; private init; }

    /// <summary>Never served stale: must-revalidate (§5.2.2.2) or no-cache (§5.2.2.4).</summary>
    internal bool IsStrict { get; private init; }

    internal bool IsImmutable { get; private init; }

    /// <summary>How long after its freshness it is served while it is refreshed (RFC 5861 §3).</summary>
    internal TimeSpan StaleWhileRevalidate { get; private init; }

    /// <summary>How long after its freshness it is served in place of an error (RFC 5861 §4).</summary>
    internal TimeSpan StaleIfError { get; private init; }

    internal static Freshness Of(int status, HeaderLines headers, DateTimeOffset requestedAt, DateTimeOffset receivedAt, LarderHttpCacheOptions options)
    {
        var said = CacheControl.Of(headers);
        bool isStrict = said.MustRevalidate || said.NoCache;
        return new(receivedAt, InitialAge(headers, requestedAt, receivedAt))
        {
            Lifetime = said.NoCache ? TimeSpan.Zero : LifetimeOf(status, said, headers, receivedAt, options),
            IsStrict = isStrict,
            IsImmutable = said.Immutable,
            StaleWhileRevalidate = isStrict ? TimeSpan.Zero : said.StaleWhileRevalidate ?? options.StaleWhileRevalidate,
            StaleIfError = isStrict ? TimeSpan.Zero : said.StaleIfError ?? options.StaleIfError,
        };
    }

    /// <summary>§4.2.3: current_age.</summary>
    internal TimeSpan AgeAt(DateTimeOffset now) => _initialAge + AtLeastZero(now - _receivedAt);

    /// <summary>How long it has been stale; how long it stays fresh, as a negative time. An instant belongs to the stale age (§4.2).</summary>
    internal TimeSpan StalenessAt(DateTimeOffset now) => AgeAt(now) - Lifetime;

    internal bool IsFreshAt(DateTimeOffset now) => StalenessAt(now) < TimeSpan.Zero;

    /// <summary>Whether it may be served without asking the server, to a request that says this (§4, §5.2.1).</summary>
    internal bool Suits(CacheControl asked, DateTimeOffset now)
    {
        if (asked.NoCache) return false;
        var staleness = StalenessAt(now);
        bool isFresh = staleness < TimeSpan.Zero;

        // RFC 8246 §2: what is fresh and immutable is not validated for a reload.
        if (asked.MaxAge is { } most && !(isFresh && IsImmutable) && (AgeAt(now) > most || most == TimeSpan.Zero)) return false;
        if (asked.MinFresh is { } least && -staleness < least) return false;
        return isFresh || (!IsStrict && asked.MaxStale >= staleness);
    }

    /// <summary>What the cache is to do with it from now on; null if it could never be of use.</summary>
    internal Lifetime? ToLifetime(DateTimeOffset now, bool hasValidator, TimeSpan retention)
    {
        var fresh = AtLeastZero(-StalenessAt(now));
        if (fresh == TimeSpan.Zero && !hasValidator && StaleWhileRevalidate == TimeSpan.Zero && StaleIfError == TimeSpan.Zero) return null;
        var stale = AtLeastZero(StaleWhileRevalidate - AtLeastZero(StalenessAt(now)));
        var kept = hasValidator || !IsStrict ? retention : TimeSpan.Zero;
        return new() { Fresh = fresh, Stale = stale, Fallback = AtLeastZero((kept > StaleIfError ? kept : StaleIfError) - stale) };
    }

    private static TimeSpan LifetimeOf(int status, CacheControl said, HeaderLines headers, DateTimeOffset receivedAt, LarderHttpCacheOptions options)
    {
        if (said.MaxAge is { } seconds) return seconds;
        var date = HttpDate.Parse(headers.First("Date"), receivedAt) ?? receivedAt;

        // §5.3: what is no date, such as "0", is in the past.
        if (headers.First("Expires") is { } expires) return HttpDate.Parse(expires, receivedAt) is { } end ? AtLeastZero(end - date) : TimeSpan.Zero;
        if (!Storability.MayBeGuessed(status, said) || HttpDate.Parse(headers.First("Last-Modified"), receivedAt) is not { } modified) return TimeSpan.Zero;
        var guess = AtLeastZero(date - modified) * Fraction;
        return guess < options.HeuristicLimit ? guess : options.HeuristicLimit;
    }

    // §4.2.3: corrected_initial_age.
    private static TimeSpan InitialAge(HeaderLines headers, DateTimeOffset requestedAt, DateTimeOffset receivedAt)
    {
        var apparent = HttpDate.Parse(headers.First("Date"), receivedAt) is { } date ? AtLeastZero(receivedAt - date) : TimeSpan.Zero;
        var corrected = (CacheControl.Seconds(headers.First("Age").AsSpan().Trim()) ?? TimeSpan.Zero) + AtLeastZero(receivedAt - requestedAt);
        return apparent > corrected ? apparent : corrected;
    }

    private static TimeSpan AtLeastZero(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}
