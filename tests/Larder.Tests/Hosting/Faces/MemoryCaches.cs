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

public sealed class MemoryCacheWholesOfLarder : MemoryCacheWholeContract<LarderMemoryCaches>;

public sealed class MemoryCacheWholesOfMicrosoft : MemoryCacheWholeContract<MicrosoftMemoryCaches>;

public sealed class LarderMemoryCaches : IMemoryCacheMaker
{
    public IMemoryCache Make(FakeClock clock, long? sizeLimit = null, bool links = false) =>
        new LarderMemoryCache(new() { TimeProvider = clock, SizeLimit = sizeLimit, TrackLinkedCacheEntries = links, Capacity = 1000 }); // In one part, so that who leaves does not depend on hashes.

    public int Count(IMemoryCache cache) => ((LarderMemoryCache)cache).Count;

    public IEnumerable<object> Keys(IMemoryCache cache) => ((LarderMemoryCache)cache).Keys;

    public void Clear(IMemoryCache cache) => ((LarderMemoryCache)cache).Clear();

    public void Compact(IMemoryCache cache, double share) => ((LarderMemoryCache)cache).Compact(share);
}

public sealed class MicrosoftMemoryCaches : IMemoryCacheMaker
{
    public IMemoryCache Make(FakeClock clock, long? sizeLimit = null, bool links = false) =>
        new MemoryCache(new MemoryCacheOptions { Clock = new Clock(clock), SizeLimit = sizeLimit, TrackLinkedCacheEntries = links, TrackStatistics = true });

    public int Count(IMemoryCache cache) => ((MemoryCache)cache).Count;

    public IEnumerable<object> Keys(IMemoryCache cache) => ((MemoryCache)cache).Keys;

    public void Clear(IMemoryCache cache) => ((MemoryCache)cache).Clear();

    public void Compact(IMemoryCache cache, double share) => ((MemoryCache)cache).Compact(share);

    internal sealed class Clock(FakeClock clock) : ISystemClock
    {
        public DateTimeOffset UtcNow => clock.GetUtcNow();
    }
}
