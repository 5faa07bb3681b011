using Larder.Contracts.Faces;
using Larder.TestKit;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;

namespace Larder.Tests.Hosting.Faces;

// The suites describe the contract, so they run on Microsoft's own cache as on ours.
public sealed class MemoryCacheEntriesOfLarder : MemoryCacheEntryContract<LarderMemoryCaches>;

public sealed class MemoryCacheEntriesOfMicrosoft : MemoryCacheEntryContract<MicrosoftMemoryCaches>;

public sealed class MemoryCacheExpiryOfLarder : MemoryCacheExpiryContract<LarderMemoryCaches>;

public sealed class MemoryCacheExpiryOfMicrosoft : MemoryCacheExpiryContract<MicrosoftMemoryCaches>;

public sealed class MemoryCacheTokensOfLarder : MemoryCacheTokenContract<LarderMemoryCaches>;

public sealed class MemoryCacheTokensOfMicrosoft : MemoryCacheTokenContract<MicrosoftMemoryCaches>;

public sealed class MemoryCacheSizesOfLarder : MemoryCacheSizeContract<LarderMemoryCaches>;

public sealed class MemoryCacheSizesOfMicrosoft : MemoryCacheSizeContract<MicrosoftMemoryCaches>;

public sealed class LarderMemoryCaches : IMemoryCacheMaker
{
    public IMemoryCache Make(FakeClock clock, long? sizeLimit = null, bool links = false) =>
        new LarderMemoryCache(new() { TimeProvider = clock, SizeLimit = sizeLimit, TrackLinkedCacheEntries = links });
}

public sealed class MicrosoftMemoryCaches : IMemoryCacheMaker
{
    public IMemoryCache Make(FakeClock clock, long? sizeLimit = null, bool links = false) =>
        new MemoryCache(new MemoryCacheOptions { Clock = new Clock(clock), SizeLimit = sizeLimit, TrackLinkedCacheEntries = links, TrackStatistics = true });

    internal sealed class Clock(FakeClock clock) : ISystemClock
    {
        public DateTimeOffset UtcNow => clock.GetUtcNow();
    }
}
