namespace Larder.Tiers;

/// <summary>What a tier had of a key.</summary>
/// <param name="Value">The value.</param>
/// <param name="IsAbsent">Whether it is known that there is none.</param>
/// <param name="Life">What is left of its time.</param>
/// <param name="Level">Which tier: 0 is the uppermost.</param>
/// <param name="Tier">Its name.</param>
internal sealed record TierFind<TValue>(TValue? Value, bool IsAbsent, TierLife Life, int Level, string Tier);
