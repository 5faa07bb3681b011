namespace Larder.Tests.Leasing;

/// <summary>What may come between a factory's beginning and its end, and what must hold whatever it was.</summary>
public static class Between
{
    public static TheoryData<string> All() => ["a write", "a removal", "a clear", "a disposal", "its weight", "nothing"];

    internal static LeasingCache<int, Asset> CacheFor(string between) => new(new() { Capacity = 10, Weigher = (_, _) => between == "its weight" ? 11 : 1 });

    /// <summary>Comes between a factory for key 1 and its end.</summary>
    internal static void Happens(string between, LeasingCache<int, Asset> cache)
    {
        switch (between)
        {
            case "a write": cache.Set(1, new Asset()); break;
            case "a removal": cache.Remove(1); break;
            case "a clear": cache.Clear(); break;
            case "a disposal": cache.Dispose(); break;
        }
    }

    /// <summary>All who asked have what the factory made, and it is disposed after the last of them, or by the cache that still has it.</summary>
    internal static void IsDisposedAfterTheLast(string between, LeasingCache<int, Asset> cache, Lease<Asset>[] leases)
    {
        var asset = leases[0].Value;
        Assert.All(leases, lease => Assert.Same(asset, lease.Value));
        foreach (var lease in leases)
        {
            Assert.Equal(0, asset.Disposals);
            lease.Dispose();
        }

        Assert.Equal(between == "nothing" ? 0 : 1, asset.Disposals);
        cache.Dispose();
        Assert.Equal((1, 0), (asset.Disposals, cache.Undisposed));
    }
}
