namespace Larder.Tiers;

/// <summary>What a tier must know of a value that bears tags before it may have it.</summary>
/// <param name="Tags">The tags.</param>
/// <param name="AsOf">The cache's version from which the value is.</param>
/// <param name="Began">When it was begun, in UTC ticks by this machine's clock.</param>
internal readonly record struct TagClaim(TagSet Tags, long AsOf, long Began);
