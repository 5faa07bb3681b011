namespace Larder.AspNetCore.Http;

/// <summary>The responses of one client's servers: a loading cache, whose every load is what a request brings along.</summary>
internal sealed class ResponseStore(LoadingCache<string, HttpEntry> cache, LarderHttpCacheOptions options) : IDisposable
{
    // So long it is not tried whether a resource can be kept that could not be: its requests do not wait for each other meanwhile.
    private static readonly TimeSpan _passTime = TimeSpan.FromSeconds(10);
    private const int MostPasses = 10_000;

    private readonly TimeProvider _time = cache.Options.Memory.TimeProvider;

    private readonly Cache<string, bool> _passes = new(new() { Capacity = MostPasses, Lifetime = Lifetime.FreshFor(_passTime), TimeProvider = cache.Options.Memory.TimeProvider });

    internal LoadingCache<string, HttpEntry> Cache => cache;

    internal LarderHttpCacheOptions Options => options;

    internal DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>One with a cache of its own.</summary>
    internal static ResponseStore Open(LarderHttpCacheOptions options)
    {
        options.ThrowIfFaulty();
        return new(new(OptionsOf(options, new() { Name = "http" })), options);
    }

    /// <summary>The options of the cache that is under it.</summary>
    internal static LoadingCacheOptions<string, HttpEntry> OptionsOf(LarderHttpCacheOptions options, LoadingCacheOptions<string, HttpEntry> around) => around with
    {
        Name = options.Name ?? around.Name,
        Memory = around.Memory with
        {
            Capacity = options.Capacity,
            Weigher = static (key, entry) => entry.Weight + (2L * key.Length),
            TimeProvider = options.TimeProvider ?? around.Memory.TimeProvider,
        },
        Tiers = options.Tiers,
        Payloads = new() { Serializer = new EntrySerializer(options), MaxKeyLength = 4096, MaxLength = Math.Max(16 << 20, options.MaxBody + (1 << 20)) },
        Failure = new() { Backoff = null, Breaker = options.Breaker },
        RemembersAbsent = false,
    };

    /// <summary>Whether the response could not be kept a moment ago.</summary>
    internal bool IsToPass(string key) => _passes.TryGet(key, out _);

    internal void RememberToPass(string key) => _passes.Set(key, true);

    /// <summary>Keeps a response beside the load under way. Does not wait for tiers.</summary>
    internal void Put(string key, StoredResponse stored, Lifetime lifetime) => _ = cache.SetAsync(key, stored, lifetime).AsTask();

    /// <summary>Forgets the resource at the address, with all responses it has for different requests. What is being fetched is not kept.</summary>
    internal async ValueTask ForgetAsync(string address) => await cache.InvalidateAsync(address).ConfigureAwait(false);

    /// <summary>As <see cref="ForgetAsync"/>, without waiting for tiers.</summary>
    internal void Forget(string address) => _ = cache.InvalidateAsync(address).AsTask();

    /// <summary>Closes the cache. What its tiers still have to write is written behind the caller's back.</summary>
    public void Dispose()
    {
        _passes.Dispose();
        _ = cache.DisposeAsync().AsTask();
    }
}
