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
    /// The complement of that instant (so, below zero) for an entry that bears tags: such a one fails the comparison that every hit makes anyway, and
    /// is looked at once more, which costs those that bear none nothing. Of an absence it has passed, so that the short path never takes it for a value. Exchanged by readers and by the end of a refresh.
    /// </summary>
    internal long NextRefresh;

    /// <summary>
    /// For an entry that bears tags: none of them was removed between its beginning and this version. Only ever becomes later; written by whoever
    /// judges the entry.
    /// </summary>
    internal long JudgedAt;

    /// <summary>When it stops being fresh. Zero for an absence.</summary>
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
    internal readonly string? Tag => _rest.Marks is Marks marks ? marks.Tag : (string?)_rest.Marks;

    /// <summary>The tags it bears.</summary>
    internal readonly TagSet Tags => _rest.Marks is Marks marks ? marks.Tags : default;

    internal readonly bool IsTagged => NextRefresh < 0;

    /// <summary>The instant that <see cref="NextRefresh"/> stands for.</summary>
    internal static long InstantOf(long nextRefresh) => nextRefresh < 0 ? ~nextRefresh : nextRefresh;

    /// <summary>What <see cref="NextRefresh"/> is for that instant.</summary>
    internal readonly long NextRefreshAt(long instant) => _rest.Marks is Marks ? ~instant : instant;

    /// <summary>Before the entry's life is laid out.</summary>
    internal void Mark(string? tag, TagSet tags) => _rest.Marks = tags.Count == 0 ? tag : new Marks(tag, tags);

    private struct Rest
    {
        internal object? Marks; // Null, the tag that names it at the source, or that with the tags it bears.
        internal long StaleUntil;
        internal long WrittenAt;
        internal uint Version;
        internal uint LoadMicroseconds;
    }
}
