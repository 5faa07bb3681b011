using Larder.Tests.Loading;
using Microsoft.Extensions.Hosting;

namespace Larder.Tests.Hosting;

public sealed class HostingTests
{
    [Fact]
    public async Task A_cache_is_warmed_when_the_application_has_started()
    {
        using var life = new Life();
        await using var shop = new Shop(o => o with { Warming = new() { AtStart = static _ => new(new WarmUp<int, string> { Values = new Dictionary<int, string> { [1] = "warm" } }) } });
        life.StartWhenUp(shop.Cache);
        Assert.False(shop.Cache.Contains(1));
        await life.Started.CancelAsync();
        while (!shop.Cache.Contains(1)) await Task.Yield();
        Assert.False(life.IsStopped.Task.IsCompleted);
    }

    [Fact]
    public async Task A_start_that_is_to_fail_stops_the_application()
    {
        using var life = new Life();
        await using var shop = new Shop(o => o with { Warming = new() { FailsStart = true, AtStart = static _ => throw new TimeZoneNotFoundException() } });
        life.StartWhenUp(shop.Cache);
        await life.Started.CancelAsync();
        await life.IsStopped.Task;
    }

    private sealed class Life : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationTokenSource Started { get; } = new();

        public TaskCompletionSource IsStopped { get; } = new();

        public CancellationToken ApplicationStarted => Started.Token;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => _stopping.Token;

        public void StopApplication() => IsStopped.TrySetResult();

        public void Dispose()
        {
            Started.Dispose();
            _stopping.Dispose();
        }
    }
}
