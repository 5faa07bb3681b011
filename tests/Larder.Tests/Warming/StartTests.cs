using System.Threading.Channels;
using Larder.Tests.Loading;

namespace Larder.Tests.Warming;

/// <summary>What becomes of a start that fails, and of one that is called again.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task A_start_that_failed_is_tried_again_and_one_that_did_not_is_done_once()
    {
        int asked = 0;
        var runs = new Runs();
        await using var shop = Warmed(new()
        {
            AtStart = _ => ++asked < 3 ? throw new TimeZoneNotFoundException() : One,
            FailsStart = true,
            Scheduled = [new() { When = Schedule.Every(TimeSpan.FromSeconds(8)), Keys = static _ => new([2]) }],
            Progress = runs,
        });
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.StartAsync().AsTask());
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.StartAsync().AsTask());
        await shop.Cache.StartAsync();
        await shop.Cache.StartAsync();
        Assert.Equal(3, asked);
        Assert.Equal("one", shop.Cache.Peek(1).Value);
        Assert.Equal(1, (await runs.NextAsync()).Total);

        // One schedule runs, not four.
        shop.Clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(new WarmProgress(1, 0, 1), await runs.NextAsync());
        Assert.Equal([2], shop.Asked);
    }

    [Fact]
    public async Task A_start_that_was_cancelled_is_tried_again()
    {
        int asked = 0;
        await using var shop = Warmed(new() { AtStart = _ => ++asked == 1 ? new(new TaskCompletionSource<WarmUp<int, string>>().Task) : One });
        using var turned = new CancellationTokenSource();
        var start = shop.Cache.StartAsync(turned.Token).AsTask();
        await turned.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        await shop.Cache.StartAsync();
        Assert.Equal("one", shop.Cache.Peek(1).Value);
    }

    [Fact]
    public async Task Who_starts_while_another_does_waits_for_it_and_tries_if_that_fails()
    {
        var gate = new TaskCompletionSource<WarmUp<int, string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        int asked = 0;
        await using var shop = Warmed(new() { AtStart = _ => ++asked == 1 ? new(gate.Task) : One, FailsStart = true });
        var failing = shop.Cache.StartAsync().AsTask();
        var waiting = shop.Cache.StartAsync().AsTask();
        using var turned = new CancellationTokenSource();
        var turningAway = shop.Cache.StartAsync(turned.Token).AsTask();
        await turned.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turningAway);
        Assert.False(waiting.IsCompleted);
        gate.SetException(new TimeZoneNotFoundException());
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => failing);
        await waiting;
        Assert.Equal("one", shop.Cache.Peek(1).Value);
    }

    [Fact]
    public async Task A_cache_that_is_disposed_while_it_starts_ends_the_start_of_all_who_wait()
    {
        var shop = Warmed(new() { AtStart = static _ => new(new TaskCompletionSource<WarmUp<int, string>>().Task), FailsStart = true });
        Task[] starts = [shop.Cache.StartAsync().AsTask(), shop.Cache.StartAsync().AsTask()];
        await shop.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starts[0]);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => starts[1]);
    }

    private static ValueTask<WarmUp<int, string>> One => new(new WarmUp<int, string> { Values = new Dictionary<int, string> { [1] = "one" } });

    private static Shop Warmed(WarmingOptions<int, string> warming) => new(o => o with { Warming = warming });

    private sealed class Runs : IProgress<WarmProgress>
    {
        private readonly Channel<WarmProgress> _all = Channel.CreateUnbounded<WarmProgress>();

        internal Task<WarmProgress> NextAsync() => _all.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public void Report(WarmProgress value) => _all.Writer.TryWrite(value);
    }
}
