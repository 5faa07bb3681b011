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

    // Behind what a hit reads, so that it reads fewer lines.
    private Rest _rest;

    /// <summary>When it stops being served while it is refreshed. From then until the entry's deadline it is a fallback.</summary>
    internal long StaleUntil { readonly get => _rest.StaleUntil; set => _rest.StaleUntil = value; }

    internal long WrittenAt { readonly get => _rest.WrittenAt; set => _rest.WrittenAt = value; }

    /// <summary>Another one for every write.</summary>
    internal uint Version { readonly get => _rest.Version; set => _rest.Version = value; }

    /// <summary>How long the load took, as far as it matters: to the microsecond, up to an hour; zero if it was written.</summary>
    internal TimeSpan LoadTime
    {
        readonly get => TimeSpan.FromMicroseconds(_rest.LoadMicroseconds);
        set => _rest.LoadMicroseconds = (uint)Math.Min(value.TotalMicroseconds, uint.MaxValue);
    }

    /// <summary>What names this version at the source.</summary>
    internal string? Tag { readonly get => _rest.Tag; set => _rest.Tag = value; }

    private struct Rest
    {
        internal string? Tag;
        internal long StaleUntil;
        internal long WrittenAt;
        internal uint Version;
        internal uint LoadMicroseconds;
    }
}
