using Larder.Redis.Tests.Support;

namespace Larder.Redis.Tests;

/// <summary>Several caches as of several processes, each with a link of its own, over one source.</summary>
public sealed class LeaseTests
{
    [Fact]
    public async Task A_cold_key_is_loaded_once_by_all_callers_of_all_nodes_together()
    {
        const int nodes = 4, callers = 250;
        await using var server = await RedisServer.StartAsync();
        int loads = 0;
        var all = new List<Node>();
        try
        {
            for (int i = 0; i < nodes; i++)
            {
                all.Add(await Node.OpenAsync(Node.Patient(server.Options), async (key, cancel) =>
                {
                    Interlocked.Increment(ref loads);
                    await Task.Delay(100, cancel);
                    return $"loaded {key}";
                }));
            }

            for (int round = 1; round <= 5; round++)
            {
                string key = $"cold {round}";
                var reads = all.SelectMany(node => Enumerable.Range(0, callers).Select(_ => Task.Run(() => node.Cache.GetAsync(key).AsTask()))).ToList();
                Assert.All(await Task.WhenAll(reads), value => Assert.Equal($"loaded {key}", value));
                Assert.Equal(round, loads);
            }
        }
        finally
        {
            foreach (var node in all) await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_holder_that_dies_costs_one_lease_and_one_more_load()
    {
        await using var server = await RedisServer.StartAsync();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var holder = await Node.OpenAsync(server.Options, async (_, cancel) =>
        {
            began.SetResult();
            await Task.Delay(Timeout.Infinite, cancel);
            return "never";
        }, leaseSeconds: 1);
        int loads = 0;
        Func<string, CancellationToken, ValueTask<string>> load = (key, _) =>
        {
            Interlocked.Increment(ref loads);
            return new($"loaded {key}");
        };
        await using var second = await Node.OpenAsync(Node.Patient(server.Options), load);
        await using var third = await Node.OpenAsync(Node.Patient(server.Options), load);
        var lost = holder.Cache.GetAsync("a").AsTask();
        await began.Task;
        await holder.DieAsync();
        var reads = new[] { second, third, second, third }.Select(static node => node.Cache.GetAsync("a").AsTask()).ToList();
        Assert.All(await Task.WhenAll(reads).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), static value => Assert.Equal("loaded a", value));
        Assert.Equal(1, loads);
        Assert.False(lost.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Leases_are_held_by_one_given_back_and_fenced()
    {
        await using var server = await RedisServer.StartAsync();
        await using RedisClient first = await RedisClient.ConnectAsync(server.Options), second = await RedisClient.ConnectAsync(server.Options);
        await using RedisLeases one = new(first, "test"), other = new(second, "test");
        TierKey a = new("test/a"), b = new("test/b");
        var mine = await one.AcquireAsync([a], TimeSpan.FromMinutes(1));
        var theirs = await other.AcquireAsync([a, b], TimeSpan.FromMinutes(1));
        Assert.NotNull(mine[0]);
        Assert.Null(theirs[0]);
        Assert.True(theirs[1]!.Fence > mine[0]!.Fence);
        var wait = other.WaitAsync(a).AsTask();
        await mine[0]!.DisposeAsync();
        await mine[0]!.DisposeAsync();
        await wait.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.NotNull((await other.AcquireAsync([a], TimeSpan.FromMinutes(1)))[0]);

        // What is not the holder's is not given back.
        await mine[0]!.DisposeAsync();
        Assert.Null((await one.AcquireAsync([a], TimeSpan.FromMinutes(1)))[0]);
    }
}
