using System.Reflection;
using Larder.Loading;
using Larder.TestKit;

namespace Larder.Tests.Loading;

public sealed class BatchTests
{
    [Fact]
    public async Task Many_missing_keys_are_asked_for_together_and_what_is_there_is_not()
    {
        await using var cache = Batched(out var calls);
        await cache.SetAsync(2, "set");
        await cache.SetAbsentAsync(3);
        var read = await cache.ReadManyAsync([5, 1, 2, 3, 1, 99]);
        Assert.Equal([[5, 1, 99]], calls);
        Assert.Equal("[1, v1] [2, set] [3, ] [5, v5] [99, ]", string.Join(' ', read.OrderBy(r => r.Key).Select(r => $"[{r.Key}, {r.Value.Value}]")));
        Assert.Equal([ReadStatus.Miss, ReadStatus.Hit, ReadStatus.Absent, ReadStatus.Miss, ReadStatus.Absent], read.OrderBy(r => r.Key).Select(r => r.Value.Status));
        var found = await cache.GetManyAsync([5, 1, 2, 3, 99]);
        Assert.Equal([1, 2, 5], found.Keys.Order());
        Assert.Single(calls);
    }

    [Fact]
    public async Task A_batch_is_divided_above_its_limit()
    {
        await using var cache = Batched(out var calls, o => o with { Batches = new() { MaxBatch = 10 } });
        var read = await cache.GetManyAsync(Enumerable.Range(0, 95));
        Assert.Equal(95, read.Count);
        Assert.Equal(10, calls.Count);
        Assert.All(calls, c => Assert.InRange(c.Count, 1, 10));
    }

    [Fact]
    public async Task A_thousand_single_misses_become_a_few_batches()
    {
        var clock = new FakeClock();
        await using var cache = Batched(out var calls, o => o with
        {
            Memory = o.Memory with { TimeProvider = clock },
            Batches = new() { MaxBatch = 100, Window = TimeSpan.FromMilliseconds(5) },
        });

        // No window closes before all have asked.
        var reads = await Task.WhenAll(Enumerable.Range(1000, 1000).Select(key => Task.Factory.StartNew(() => cache.GetAsync(key).AsTask(), TestContext.Current.CancellationToken, TaskCreationOptions.None, TaskScheduler.Default)));
        while (!Task.WhenAll(reads).IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(5));
            await Task.Yield();
        }

        Assert.Equal(Enumerable.Range(1000, 1000).Select(key => $"v{key}"), await Task.WhenAll(reads));
        TestContext.Current.TestOutputHelper!.WriteLine($"{calls.Count} calls for 1,000 keys");
        Assert.InRange(calls.Count, 10, 14);
    }

    [Fact]
    public async Task What_is_there_is_returned_though_the_rest_fails()
    {
        await using var cache = Batched(out _, load: static (_, _) => throw new TimeZoneNotFoundException());
        await cache.SetAsync(1, "set");
        var read = await cache.ReadManyAsync([1, 2]);
        Assert.Equal("set", read[1].Value);
        Assert.IsType<TimeZoneNotFoundException>(read[2].Error);
        var thrown = await Assert.ThrowsAsync<AggregateException>(() => cache.GetManyAsync([1, 2]).AsTask());
        Assert.IsType<TimeZoneNotFoundException>(Assert.Single(thrown.InnerExceptions));
    }

    [Fact]
    public async Task A_key_of_a_batch_fails_alone_has_a_life_of_its_own_and_extra_keys_are_kept()
    {
        await using var cache = new LoadingCache<int, string>(new LoadingCacheOptions<int, string> { Loaders = [new Mixed()] });
        var read = await cache.ReadManyAsync([1, 2, 3]);
        Assert.Equal("one", read[1].Value);
        Assert.Equal(TimeSpan.FromMinutes(1), RoundUp(read[1].FreshFor));
        Assert.IsType<TimeZoneNotFoundException>(read[2].Error);
        Assert.Equal(ReadStatus.Absent, read[3].Status);
        Assert.False(read.ContainsKey(77));
        Assert.Equal("extra", cache.Peek(77).Value);

        static TimeSpan RoundUp(TimeSpan time) => TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds));
    }

    [Fact]
    public async Task An_extra_key_does_not_overwrite_what_was_written_or_removed_after_the_batch_began()
    {
        var gate = new TaskCompletionSource();
        var loader = new Gated(gate.Task);
        await using var cache = new LoadingCache<int, string>(new LoadingCacheOptions<int, string> { Loaders = [loader] });
        await cache.SetAsync(70, "before");
        await cache.SetAsync(72, "before");
        var read = cache.ReadManyAsync([1]).AsTask();
        await loader.Asked;
        await cache.SetAsync(71, "during");
        await cache.RemoveAsync(72);
        gate.SetResult();
        await read;
        Assert.Equal("extra", cache.Peek(70).Value);
        Assert.Equal("during", cache.Peek(71).Value);
        Assert.Equal(ReadStatus.Miss, cache.Peek(72).Status);
    }

    [Fact]
    public async Task Many_stale_keys_are_refreshed_together()
    {
        var clock = new FakeClock();
        await using var cache = Batched(out var calls, o => o with { Memory = o.Memory with { TimeProvider = clock, Lifetime = Shop.Ages } });
        await cache.GetManyAsync(Enumerable.Range(0, 50));
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.All((await cache.ReadManyAsync(Enumerable.Range(0, 50))).Values, r => Assert.Equal(ReadStatus.Stale, r.Status));
        await cache.Loads.QuietAsync();
        Assert.All((await cache.ReadManyAsync(Enumerable.Range(0, 50))).Values, r => Assert.Equal(ReadStatus.Hit, r.Status));
        Assert.InRange(calls.Count, 2, 10);
    }

    [Fact]
    public async Task A_read_of_many_joins_what_is_being_loaded()
    {
        var gate = new TaskCompletionSource();
        int calls = 0;
        await using var cache = Batched(out _, load: async (keys, _) =>
        {
            Interlocked.Increment(ref calls);
            await gate.Task;
            return keys.ToDictionary(k => k, k => $"v{k}");
        });
        var one = cache.GetAsync(1).AsTask();
        var many = cache.ReadManyAsync([1, 2]).AsTask();
        gate.SetResult();
        Assert.True((await many)[1].IsJoined);
        Assert.False((await many)[2].IsJoined);
        Assert.Equal("v1", await one);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Cancelling_a_read_of_many_cancels_its_loads_and_leaves_nothing_behind()
    {
        var token = CancellationToken.None;
        await using var cache = Batched(out _, load: async (_, cancel) =>
        {
            token = cancel;
            await Task.Delay(Timeout.Infinite, cancel);
            return new Dictionary<int, string>();
        });
        using var cancel = new CancellationTokenSource();
        var read = cache.ReadManyAsync([1, 2, 3], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.True(token.IsCancellationRequested);
        await cache.Loads.QuietAsync();
    }

    [Fact]
    public async Task A_batch_is_cancelled_with_its_last_load_though_others_were_given_up_before_it_began()
    {
        var clock = new FakeClock();
        var asked = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cache = Batched(out _, o => o with { Memory = o.Memory with { TimeProvider = clock }, Batches = new() { Window = TimeSpan.FromMilliseconds(5) } }, async (_, cancel) =>
        {
            asked.SetResult(cancel);
            await Task.Delay(Timeout.Infinite, cancel);
            return new Dictionary<int, string>();
        });
        using var early = new CancellationTokenSource();
        using var late = new CancellationTokenSource();
        var reads = (cache.GetAsync(1, early.Token).AsTask(), cache.GetAsync(2, late.Token).AsTask());
        await early.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reads.Item1);
        clock.Advance(TimeSpan.FromMilliseconds(5));
        var token = await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.False(token.IsCancellationRequested);
        await late.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reads.Item2);
        Assert.True(token.IsCancellationRequested);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_loader_that_cancels_by_itself_fails_its_keys_and_no_others(bool batched)
    {
        // As an HTTP client does whose own timeout is over.
        await using var cache = batched
            ? Batched(out _, load: static (_, _) => throw new TaskCanceledException("too slow"))
            : new LoadingCache<int, string>(static (_, _) => throw new TaskCanceledException("too slow"));
        await cache.SetAsync(1, "set");
        var read = await cache.ReadManyAsync([1, 2], CancellationToken.None);
        Assert.Equal("set", read[1].Value);
        Assert.IsType<TaskCanceledException>(read[2].Error);
        Assert.IsType<TaskCanceledException>(Assert.Single((await Assert.ThrowsAsync<AggregateException>(() => cache.GetManyAsync([1, 3]).AsTask())).InnerExceptions));
        Assert.Equal(new WarmProgress(1, 1, 2), await cache.WarmAsync([1, 4]));
    }

    [Fact]
    public async Task A_call_that_is_not_made_leaves_nothing_with_the_cache()
    {
        var breaker = new CircuitBreaker(new());
        await using var cache = Batched(out _, o => o with { Memory = new() { Shards = new() { Count = 1 } }, Failure = new() { Breaker = breaker } });
        await cache.GetAsync(1);
        breaker.Isolate();
        var refused = new ChainFlight<int, string>(cache.Loads, 2, cache.Loads.Core.HashOf(2), null);
        foreach (List<AskingFlight<int, string>> flights in (List<AskingFlight<int, string>>[])[[], [refused]])
        {
            var run = new BatchRun<int, string>(cache.Loads, cache.Loads.Chain, flights);
            await run.RunAsync();
            var cancellation = (CancellationTokenSource)typeof(BatchRun<int, string>).GetField("_cancellation", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(run)!;
            Assert.Throws<ObjectDisposedException>(() => cancellation.Token);
        }

        Assert.True(refused.IsOver);
    }

    [Fact]
    public async Task Keys_that_cannot_be_enumerated_leave_nothing_behind()
    {
        await using var cache = Batched(out _);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => cache.ReadManyAsync(Broken()).AsTask());
        await cache.Loads.QuietAsync();

        static IEnumerable<int> Broken()
        {
            yield return 1;
            throw new TimeZoneNotFoundException();
        }
    }

    [Fact]
    public async Task Without_a_batch_loader_the_keys_of_a_read_are_loaded_side_by_side_up_to_the_limit()
    {
        int running = 0, most = 0;
        var gate = new TaskCompletionSource();
        await using var cache = new LoadingCache<int, string>(
            async (key, _) =>
            {
                lock (gate) most = Math.Max(most, ++running);
                if (Volatile.Read(ref running) == 4) gate.TrySetResult();
                await gate.Task;
                lock (gate) running--;
                return $"v{key}";
            },
            new() { Batches = new() { MaxParallel = 4 } });
        Assert.Equal(40, (await cache.GetManyAsync(Enumerable.Range(0, 40))).Count);
        Assert.Equal(4, most);
    }

    private static LoadingCache<int, string> Batched(
        out List<IReadOnlyList<int>> calls,
        Func<LoadingCacheOptions<int, string>, LoadingCacheOptions<int, string>>? change = null,
        Func<IReadOnlyList<int>, CancellationToken, ValueTask<IReadOnlyDictionary<int, string>>>? load = null)
    {
        List<IReadOnlyList<int>> seen = calls = [];
        load ??= (keys, _) => new(keys.Where(k => k != 99).ToDictionary(k => k, k => $"v{k}"));
        var options = new LoadingCacheOptions<int, string>
        {
            Loaders = [Loader.ForMany<int, string>((keys, cancel) =>
            {
                lock (seen) seen.Add(keys);
                return load(keys, cancel);
            })],
            Failure = new() { Backoff = null },
        };
        return new(change?.Invoke(options) ?? options);
    }

    private sealed class Mixed : IBatchLoader<int, string>
    {
        public ValueTask LoadManyAsync(LoadBatch<int, string> batch, CancellationToken cancellationToken)
        {
            batch.Set(1, new Loaded<string>("one") { Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) });
            batch.Fail(2, new TimeZoneNotFoundException());
            batch.Set(77, "extra");
            return default;
        }
    }

    private sealed class Gated(Task gate) : IBatchLoader<int, string>
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public async ValueTask LoadManyAsync(LoadBatch<int, string> batch, CancellationToken cancellationToken)
        {
            _asked.SetResult();
            await gate;
            foreach (int key in new[] { 1, 70, 71, 72 }) batch.Set(key, "extra");
        }
    }
}
