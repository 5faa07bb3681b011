using Larder.Contracts;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Larder.Tests.Tiers;

public sealed class InMemoryTierContract : CacheTierContract
{
    protected override ValueTask<ICacheTier> OpenAsync() => new(new InMemoryTier());
}

public sealed class SharedInMemoryTierContract : CacheTierContract
{
    protected override ValueTask<ICacheTier> OpenAsync() => new(new InMemoryTier(isShared: true));
}

public sealed class DistributedCacheTierContract : CacheTierContract
{
    protected override ValueTask<ICacheTier> OpenAsync() => new(new DistributedCacheTier(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())), "test"));
}

public sealed class BufferedDistributedCacheTierContract : CacheTierContract
{
    protected override ValueTask<ICacheTier> OpenAsync() => new(new DistributedCacheTier(new BufferedCache(), "test"));
}

public sealed class ShardedTierContract : CacheTierContract
{
    protected override ValueTask<ICacheTier> OpenAsync() => new(new ShardedTier([.. Enumerable.Range(0, 3).Select(static i => new TierNode($"{i}", new(new InMemoryTier())))]));
}

public sealed class SharedShardedTierContract : CacheTierContract
{
    protected override ValueTask<ICacheTier> OpenAsync() => new(new ShardedTier([.. Enumerable.Range(0, 3).Select(static i => new TierNode($"{i}", new(new InMemoryTier(isShared: true))))]));
}
