using Larder.Contracts.Faces;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Larder.Tests.Hosting.Faces;

public sealed class DistributedCacheOfLarder : DistributedCacheContract
{
    protected override IDistributedCache Open() => new LarderDistributedCache(new() { TimeProvider = Clock });
}

public sealed class DistributedCacheOfLarderOverTiers : DistributedCacheContract
{
    protected override IDistributedCache Open() => new LarderDistributedCache(new()
    {
        TimeProvider = Clock,
        Tiers = [new(new InMemoryTier(timeProvider: Clock)), new(new InMemoryTier(timeProvider: Clock, name: "second"))],
    });
}

/// <summary>Nothing stays in memory, so every read is a tier's.</summary>
public sealed class DistributedCacheOfLarderOverTiersAlone : DistributedCacheContract
{
    protected override IDistributedCache Open() => new LarderDistributedCache(new() { TimeProvider = Clock, SizeLimit = 1, Tiers = [new(new InMemoryTier(timeProvider: Clock))] });
}

public sealed class DistributedCacheOfMicrosoft : DistributedCacheContract
{
    protected override IDistributedCache Open() => new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions { Clock = new MicrosoftMemoryCaches.Clock(Clock) }));
}
