using Larder;

namespace Microsoft.Extensions.Hosting;

/// <summary>Ties caches to the life of an application.</summary>
/// <example><code>app.Lifetime.StartWhenUp(products);</code></example>
public static class LarderHostingExtensions
{
    extension(IHostApplicationLifetime lifetime)
    {
        /// <summary>
        /// Starts the warming of the cache when the application has started, without holding anything up. If it fails and the
        /// options say that the start fails with it (<see cref="WarmingOptions{TKey, TValue}.FailsStart"/>), the application is stopped.
        /// </summary>
        public void StartWhenUp<TKey, TValue>(LoadingCache<TKey, TValue> cache) where TKey : notnull
        {
            ArgumentNullException.ThrowIfNull(lifetime);
            ArgumentNullException.ThrowIfNull(cache);
            lifetime.ApplicationStarted.Register(() => _ = Start(lifetime, cache));
        }
    }

    private static async Task Start<TKey, TValue>(IHostApplicationLifetime lifetime, LoadingCache<TKey, TValue> cache) where TKey : notnull
    {
        try
        {
            await cache.StartAsync(lifetime.ApplicationStopping).ConfigureAwait(false);
        }
        catch (Exception) when (!lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Only thrown when the options say that the start is to fail; the cache has no other way to stop the application.
            lifetime.StopApplication();
        }
        catch (OperationCanceledException)
        {
            // The application is stopping anyway.
        }
    }
}
