using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Larder.Hosting;

/// <summary>Opens an application's caches before it starts, and closes them when everything that uses them has stopped.</summary>
internal sealed class LarderLifetime(CacheRegistrations registrations, IServiceProvider services) : IHostedLifecycleService
{
    private readonly List<IStartableCache> _caches = []; // Filled once, before the application starts.

    /// <summary>Every cache is built, and what is wrong with any is said at once.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        List<string> faults = [.. registrations.Faults()];
        List<Exception> errors = [];
        foreach (var registration in registrations.All)
        {
            try
            {
                _caches.Add(registration.Resolve(services));
            }
            catch (OptionsValidationException error)
            {
                faults.AddRange(error.Failures.Select(fault => $"Cache '{registration.Name}': {fault}"));
            }
            catch (ArgumentException error)
            {
                faults.Add($"Cache '{registration.Name}': {error.Message}");
            }
            catch (Exception error)
            {
                errors.Add(new InvalidOperationException($"Cache '{registration.Name}' could not be opened: {error.Message}", error));
            }
        }

        if (faults.Count > 0) errors.Insert(0, new OptionsValidationException("Larder", typeof(LarderBuilder), faults));
        if (errors.Count == 1) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errors[0]);
        if (errors.Count > 1) throw new AggregateException("Caches could not be opened.", errors);
        foreach (var cache in _caches) await cache.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Each cache takes no more, writes what is queued, and closes its tiers; all at once, within the host's time.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_caches.Select(static cache => cache.DisposeAsync().AsTask())).WaitAsync(cancellationToken);
}
