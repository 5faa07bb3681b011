using Larder.TestKit;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Contracts.Faces;

/// <summary>Makes the caches that the suites of <see cref="IMemoryCache"/> are run on, and calls what they have as a whole, for which there is no interface.</summary>
public interface IMemoryCacheMaker
{
    IMemoryCache Make(FakeClock clock, long? sizeLimit = null, bool links = false);

    int Count(IMemoryCache cache);

    IEnumerable<object> Keys(IMemoryCache cache);

    void Clear(IMemoryCache cache);

    void Compact(IMemoryCache cache, double share);
}
