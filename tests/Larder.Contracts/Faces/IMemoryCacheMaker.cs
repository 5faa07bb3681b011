using Larder.TestKit;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Contracts.Faces;

/// <summary>Makes the caches that the suites of <see cref="IMemoryCache"/> are run on.</summary>
public interface IMemoryCacheMaker
{
    IMemoryCache Make(FakeClock clock, long? sizeLimit = null, bool links = false);
}
