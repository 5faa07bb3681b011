using System.Globalization;

namespace Larder.AspNetCore.Http;

/// <summary>What <c>Cache-Control</c> says (RFC 9111 §5.2), in a request or a response. <c>s-maxage</c> and <c>proxy-revalidate</c> are for shared caches, and this is none.</summary>
internal readonly record struct CacheControl
{
    /// <summary>What stands for more seconds than can be counted (RFC 9111 §1.2.2): 68 years.</summary>
    internal const int MostSeconds = int.MaxValue;

    internal bool IsPresent { get; private init; }

    internal bool NoStore { get; private init; }

    /// <summary>With a list of fields too, as §5.2.2.4 notes that caches do.</summary>
    internal bool NoCache { get; init; }

    internal bool MustRevalidate { get; private init; }

    internal bool MustUnderstand { get; private init; }

    internal bool Public { get; private init; }

    internal bool Private { get; private init; }

    /// <summary>RFC 8246.</summary>
    internal bool Immutable { get; private init; }

    internal bool OnlyIfCached { get; private init; }

    /// <summary>The first of several; zero where it is no number, for then what it is about is stale (§4.2.1).</summary>
    internal TimeSpan? MaxAge { get; private init; }

    internal TimeSpan? MinFresh { get; private init; }

    /// <summary>The most there is for one without a number: any age.</summary>
    internal TimeSpan? MaxStale { get; private init; }

    /// <summary>RFC 5861 §3.</summary>
    internal TimeSpan? StaleWhileRevalidate { get; private init; }

    /// <summary>RFC 5861 §4.</summary>
    internal TimeSpan? StaleIfError { get; private init; }

    /// <summary>Whether a request asks for something other than what a cache does by itself.</summary>
    internal bool IsDemanding => NoCache || OnlyIfCached || MaxAge is not null || MinFresh is not null || MaxStale is not null;

    /// <summary>Reads all lines of the header together.</summary>
    internal static CacheControl Of(HeaderLines lines)
    {
        var said = new CacheControl();
        foreach (string line in lines.All("Cache-Control"))
        {
            said = said with { IsPresent = true };
            var parts = new DirectiveReader(line);
            while (parts.MoveNext()) said = said.With(parts);
        }

        return said;
    }

    /// <summary>A whole number of seconds; null if it is none (a sign, a fraction, letters).</summary>
    internal static TimeSpan? Seconds(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9')) return null;
        return TimeSpan.FromSeconds(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : MostSeconds);
    }

    private CacheControl With(in DirectiveReader part)
    {
        if (part.Is("no-store")) return this with { NoStore = true };
        if (part.Is("no-cache")) return this with { NoCache = true };
        if (part.Is("must-revalidate")) return this with { MustRevalidate = true };
        if (part.Is("must-understand")) return this with { MustUnderstand = true };
        if (part.Is("public")) return this with { Public = true };
        if (part.Is("private")) return this with { Private = true };
        if (part.Is("immutable")) return this with { Immutable = true };
        if (part.Is("only-if-cached")) return this with { OnlyIfCached = true };
        var seconds = part.HasValue ? Seconds(part.Value) : null;
        if (part.Is("max-age")) return this with { MaxAge = MaxAge ?? seconds ?? TimeSpan.Zero };
        if (part.Is("min-fresh")) return this with { MinFresh = MinFresh ?? seconds };
        if (part.Is("max-stale")) return this with { MaxStale = MaxStale ?? seconds ?? (part.HasValue || part.IsMalformed ? null : TimeSpan.MaxValue) };
        if (part.Is("stale-while-revalidate")) return this with { StaleWhileRevalidate = StaleWhileRevalidate ?? seconds };
        if (part.Is("stale-if-error")) return this with { StaleIfError = StaleIfError ?? seconds };
        return this;
    }
}
