using Larder.Expiry;

namespace Larder.Loading;

/// <summary>A value with its ages, as a loading cache keeps it: inside the entry, so that a hit touches one object.</summary>
/// <remarks>
/// Written once, before its entry is published, but for <see cref="NextRefresh"/>. Being wider than a word, it is never
/// replaced in place: another value is another entry, and an entry's identity is the version that a load compares.
/// </remarks>
internal struct Kept<TValue>
{
    internal TValue Value;

    /// <summary>
    /// When a reader next has a refresh to think of; <see cref="TimedNode.Never"/> while one is under way. At most
    /// <see cref="FreshUntil"/> when the entry is new, so `now &lt; FreshUntil` and `now &lt; NextRefresh` make a plain hit.
    /// Exchanged by readers and by the end of a refresh.
    /// </summary>
    internal long NextRefresh;

    /// <summary>When it stops being fresh. Zero for an absence, so that the short hit path never takes one for a value.</summary>
    internal long FreshUntil;

    /// <summary>When it stops being served while it is refreshed. From then until the entry's deadline it is a fallback.</summary>
    internal long StaleUntil;

    internal long WrittenAt;

    /// <summary>Another one for every write.</summary>
    internal uint Version;

    /// <summary>How long the load took, as far as it matters: to the microsecond, up to an hour; zero if it was written.</summary>
    internal uint LoadMicroseconds;

    /// <summary>What names this version at the source.</summary>
    internal string? Tag;

    internal TimeSpan LoadTime
    {
        readonly get => TimeSpan.FromMicroseconds(LoadMicroseconds);
        set => LoadMicroseconds = (uint)Math.Min(value.TotalMicroseconds, uint.MaxValue);
    }
}
