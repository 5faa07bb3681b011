using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Larder.AspNetCore.Dashboard;

/// <summary>The figures, read once an interval however many look, and not at all while nobody does.</summary>
internal sealed class DashboardFeed(CacheDirectory caches, DashboardOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    // Guarded by _turn.
    private readonly Dictionary<ICacheView, CacheWatch> _watches = [];
    private string _latest = "";
    private long _latestAt;

    /// <summary>A greeting, then figures until the visitor leaves or the application stops.</summary>
    internal async IAsyncEnumerable<SseItem<string>> Follow(Greeting greeting, CancellationToken stopping, [EnumeratorCancellation] CancellationToken gone)
    {
        yield return new(JsonSerializer.Serialize(greeting, DashboardJson.Default.Greeting), "greeting");
        while (!stopping.IsCancellationRequested && !gone.IsCancellationRequested)
        {
            yield return new(await ReadAsync().ConfigureAwait(false), "figures");
            await Task.Delay(options.Interval, time, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    internal async Task<string> ReadAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_latestAt != 0 && time.GetElapsedTime(_latestAt) < options.Interval * 0.9) return _latest;
            var all = caches.All;
            foreach (var left in _watches.Keys.Except(all).ToList()) _watches.Remove(left);
            List<CacheFigures> figures = [];
            foreach (var view in all)
            {
                if (!_watches.TryGetValue(view, out var watch)) _watches[view] = watch = new(view, time);
                try
                {
                    figures.Add(watch.Read());
                }
                catch (ObjectDisposedException)
                {
                    // It was closed, and is about to leave the directory.
                }
            }

            _latestAt = time.GetTimestamp();
            return _latest = JsonSerializer.Serialize(new(time.GetUtcNow().ToUnixTimeMilliseconds() / 1000d, figures), DashboardJson.Default.Figures);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
