namespace Larder;

/// <summary>A tier that can go through its keys: it removes by prefix, which sweeping old versions needs.</summary>
public interface IPrefixTier : ICacheTier
{
    /// <summary>
    /// Goes through the tier, in steps that leave it usable meanwhile, and removes all whose key begins with one of the prefixes. What is
    /// written under such a key while it runs may be removed or not.
    /// </summary>
    /// <returns>How many it removed.</returns>
    ValueTask<long> RemovePrefixesAsync(IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken = default);
}
