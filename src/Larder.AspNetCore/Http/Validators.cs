namespace Larder.AspNetCore.Http;

/// <summary>What names a version of a representation: its entity tag and the time of its last modification (RFC 9111 §4.3, RFC 9110 §8.8).</summary>
internal static class Validators
{
    internal static bool AreIn(HeaderLines response) => response.First("ETag") is not null || response.First("Last-Modified") is not null;

    /// <summary>Asks whether the response that is kept still holds (§4.3.1), in place of what the client asks.</summary>
    internal static void AddTo(HttpRequestMessage request, StoredResponse stored)
    {
        if (stored.Headers.First("ETag") is { } tag) request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        if (stored.Headers.First("Last-Modified") is { } modified) request.Headers.TryAddWithoutValidation("If-Modified-Since", modified);
    }

    /// <summary>Whether a "not modified" is about the response that is kept (§4.3.4). One that names no version is: only one was asked about.</summary>
    internal static bool Confirm(HeaderLines confirmation, HeaderLines stored)
    {
        if (confirmation.First("ETag") is { } tag)
            return stored.First("ETag") is { } kept && (IsWeak(tag) ? Opaque(tag).SequenceEqual(Opaque(kept)) : tag.Trim() == kept.Trim());
        return confirmation.First("Last-Modified") is not { } modified || modified == stored.First("Last-Modified");
    }

    /// <summary>RFC 9110 §8.8.3.2: equal but for their strength.</summary>
    internal static bool MatchWeakly(string tag, string other) => Opaque(tag).SequenceEqual(Opaque(other));

    private static bool IsWeak(string tag) => tag.AsSpan().TrimStart().StartsWith("W/", StringComparison.Ordinal);

    private static ReadOnlySpan<char> Opaque(string tag) => tag.AsSpan().Trim() is ['W', '/', .. var rest] ? rest : tag.AsSpan().Trim();
}
