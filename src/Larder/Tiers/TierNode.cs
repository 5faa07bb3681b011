namespace Larder;

/// <summary>One of the tiers over which a <see cref="ShardedTier"/> spreads its keys.</summary>
/// <param name="Name">What it is called: another for each node, and the same in every process, for it decides which keys are its.</param>
/// <param name="Options">The tier, and how it is guarded.</param>
/// <example><code>new TierNode("cache-1", new(await DiskTier.OpenAsync(one))) { Weight = 2 }</code></example>
public sealed record TierNode(string Name, TierOptions Options)
{
    /// <summary>How large its share is against that of the others: above zero. Default: 1.</summary>
    public double Weight { get; init; } = 1;
}
