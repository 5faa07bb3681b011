namespace Larder.Tiers;

/// <summary>What a tier had of a key.</summary>
/// <param name="Value">The value.</param>
/// <param name="IsAbsent">Whether it is known that there is none.</param>
/// <param name="Life">What is left of its time.</param>
/// <param name="Lacking">How many tiers, from the uppermost, do not have it: those above, and its own if it has been migrated.</param>
/// <param name="Tier">The tier's name.</param>
/// <param name="Tags">The tags it bears.</param>
internal sealed record TierFind<TValue>(TValue? Value, bool IsAbsent, TierLife Life, int Lacking, string Tier, TagSet Tags = default);
