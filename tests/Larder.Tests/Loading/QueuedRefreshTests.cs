using System.Collections.Concurrent;

namespace Larder.Tests.Loading;

public sealed class QueuedRefreshTests
{
    [Fact]
    public async Task Runs_with_what_its_own_reader_had_about_it_and_not_that_of_the_one_before_it()
    {
        var ambient = new AsyncLocal<string>();
        var seen = new ConcurrentQueue<(int Key, string? Ambient)>();
        await using var shop = new Shop(static o => o with { Refresh = o.Refresh with { MaxConcurrent = 1, MaxWaiting = 10 } });
        for (int key = 1; key <= 3; key++) await shop.Cache.SetAsync(key, "old");
        shop.Clock.Advance(TimeSpan.FromSeconds(11));
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        shop.Answers = async (request, _) =>
        {
            seen.Enqueue((request.Key, ambient.Value));
            await gate.Task;
            return "new";
        };
        for (int key = 1; key <= 3; key++)
        {
            ambient.Value = $"reader {key}";
            Assert.Equal("old", await shop.Cache.GetAsync(key));
        }

        ambient.Value = "nobody";
        gate.SetResult();
        await shop.Quiet();
        Assert.Equal([(1, "reader 1"), (2, "reader 2"), (3, "reader 3")], seen);
    }
}
