namespace Larder.Tiers;

/// <summary>How long a value has left in each age, from now on, and how old it is; in ticks, <see cref="long.MaxValue"/> for ever.</summary>
internal readonly record struct TierLife(long Fresh, long Served, long Kept, long Age)
{
    /// <summary>What both allow.</summary>
    internal TierLife AtMost(in TierLife other) =>
        new(Math.Min(Fresh, other.Fresh), Math.Min(Served, other.Served), Math.Min(Kept, other.Kept), Math.Max(Age, other.Age));

    /// <summary>What is left of an envelope's time.</summary>
    internal static TierLife Of(in EnvelopeHeader header, DateTimeOffset now) => new(
        header.Left(header.FreshUntil, now).Ticks, header.Left(header.StaleUntil, now).Ticks, header.Left(header.FallbackUntil, now).Ticks, header.Age(now).Ticks);

    /// <summary>The header that says so.</summary>
    internal EnvelopeHeader HeaderAt(DateTimeOffset now, ulong cacheName, int schemaVersion) => new(
        cacheName, schemaVersion, Math.Max(0, now.UtcTicks - Age), Until(now, Fresh), Until(now, Served), Until(now, Kept));

    private static long Until(DateTimeOffset now, long left) => left >= EnvelopeHeader.Never - now.UtcTicks ? EnvelopeHeader.Never : now.UtcTicks + Math.Max(0, left);
}
