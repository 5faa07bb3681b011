using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Contracts.Faces;

/// <summary>What a <see cref="HybridCache"/> promises to callers who want one key at the same time.</summary>
public abstract class HybridCacheStampedeContract : FaceContract<HybridCache>
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly HybridCacheEntryOptions _uncached = new() { Flags = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache };

    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    public override async ValueTask DisposeAsync()
    {
        _gate.TrySetResult();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Callers_of_one_key_share_one_call_though_their_factories_differ(bool canBeCanceled, bool isUncached)
    {
        using var source = canBeCanceled ? new CancellationTokenSource() : null;
        var options = isUncached ? _uncached : null;
        var calls = Enumerable.Range(0, 10).Select(i => Cache.GetOrCreateAsync("key", async cancel => (await Slow(cancel), i).Item1, options, cancellationToken: source?.Token ?? default).AsTask()).ToArray();
        _gate.SetResult();
        Assert.Single((await Task.WhenAll(calls).WaitAsync(_patience)).Distinct());
        Assert.Equal(1, _calls);
        await Cache.GetOrCreateAsync("key", Slow, options);
        Assert.Equal(isUncached ? 2 : 1, _calls);
    }

    [Fact]
    public async Task Callers_of_other_keys_do_not_wait()
    {
        var slow = Cache.GetOrCreateAsync("slow", Slow).AsTask();
        Assert.Equal(1, await Cache.GetOrCreateAsync("quick", static _ => new ValueTask<int>(1)));
        Assert.False(slow.IsCompleted);
    }

    [Fact]
    public async Task Who_cancels_leaves_the_value_to_the_others()
    {
        using CancellationTokenSource leader = new(), joiner = new();
        var led = Cache.GetOrCreateAsync("key", Slow, cancellationToken: leader.Token).AsTask();
        var joined = Cache.GetOrCreateAsync("key", Slow, cancellationToken: joiner.Token).AsTask();
        await _begun.Task.WaitAsync(_patience);
        await leader.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => led.WaitAsync(_patience));
        Assert.Equal((leader.Token, TaskStatus.Canceled), (error.CancellationToken, led.Status));
        Assert.False(joined.IsCompleted);
        _gate.SetResult();
        var value = await joined.WaitAsync(_patience);
        Assert.Equal(value, await Cache.GetOrCreateAsync("key", Slow));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(-1)]
    public async Task Of_many_who_cancel_each_hears_of_its_own_and_who_stays_gets_the_value(int stays)
    {
        var sources = Enumerable.Range(0, 10).Select(static _ => new CancellationTokenSource()).ToArray();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = Array.ConvertAll(sources, source => Cache.GetOrCreateAsync("key", async cancel =>
        {
            using var registration = cancel.Register(told.SetResult);
            return await Slow(cancel);
        }, _uncached, cancellationToken: source.Token).AsTask());
        await _begun.Task.WaitAsync(_patience);
        for (int i = 0; i < calls.Length; i++)
        {
            if (i == stays) continue;
            await sources[i].CancelAsync();
            Assert.Equal(sources[i].Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls[i].WaitAsync(_patience))).CancellationToken);
        }

        if (stays < 0)
        {
            await told.Task.WaitAsync(_patience);
            _gate.SetResult();
        }
        else
        {
            Assert.False(told.Task.IsCompleted);
            _gate.SetResult();
            Assert.NotEqual(Guid.Empty, await calls[stays].WaitAsync(_patience));
            Assert.False(told.Task.IsCompleted);
        }

        Assert.Equal(1, _calls);
        foreach (var source in sources) source.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_waits_for_what_may_be_shared_has_the_same_and_who_comes_later_too(bool isUncached)
    {
        var calls = Enumerable.Range(0, 3).Select(_ => Cache.GetOrCreateAsync("key", async cancel => (await Slow(cancel)).ToString(), isUncached ? _uncached : null).AsTask()).ToArray();
        _gate.SetResult();
        var values = await Task.WhenAll(calls).WaitAsync(_patience);
        Assert.Single(values.Distinct(ReferenceEqualityComparer.Instance));
        if (!isUncached) Assert.Same(values[0], await Cache.GetOrCreateAsync("key", static _ => new ValueTask<string>("")));
    }

    [Fact]
    public async Task The_factorys_token_is_cancelled_when_all_have_turned_away_and_not_before()
    {
        using CancellationTokenSource one = new(), other = new();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int>[] calls = [.. new[] { one, other }.Select(source => Cache.GetOrCreateAsync("key", async cancel =>
        {
            await using var registration = cancel.Register(told.SetResult);
            _begun.TrySetResult();
            await _gate.Task;
            cancel.ThrowIfCancellationRequested();
            return 1;
        }, cancellationToken: source.Token).AsTask())];
        await _begun.Task.WaitAsync(_patience);
        await one.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls[0].WaitAsync(_patience));
        Assert.False(told.Task.IsCompleted);
        await other.CancelAsync();
        await told.Task.WaitAsync(_patience);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls[1].WaitAsync(_patience));
        Assert.Equal(2, await Cache.GetOrCreateAsync("key", static _ => new ValueTask<int>(2)).AsTask().WaitAsync(_patience));
    }

    [Fact]
    public async Task A_factorys_exception_goes_to_all_who_wait_and_is_not_kept()
    {
        var calls = Enumerable.Range(0, 3).Select(_ => Cache.GetOrCreateAsync<int>("key", async cancel =>
        {
            await Slow(cancel);
            throw new FormatException("As it was told to.");
        }).AsTask()).ToArray();
        _gate.SetResult();
        foreach (var call in calls) Assert.Equal("As it was told to.", (await Assert.ThrowsAsync<FormatException>(() => call.WaitAsync(_patience))).Message);
        Assert.Equal(1, _calls);
        Assert.Equal(2, await Cache.GetOrCreateAsync("key", static _ => new ValueTask<int>(2)));
        await Assert.ThrowsAsync<FormatException>(async () => await Cache.GetOrCreateAsync<int>("sync", static _ => throw new FormatException()));
        Assert.Equal(2, await Cache.GetOrCreateAsync("sync", static _ => new ValueTask<int>(2)));
    }

    [Fact]
    public async Task Each_who_waits_has_a_copy_of_what_can_be_changed()
    {
        var calls = Enumerable.Range(0, 3).Select(_ => Cache.GetOrCreateAsync("key", async cancel => new List<Guid> { await Slow(cancel) }).AsTask()).ToArray();
        _gate.SetResult();
        var lists = await Task.WhenAll(calls).WaitAsync(_patience);
        Assert.Equal(3, lists.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.Single(lists.Select(static list => list[0]).Distinct());
    }

    [Fact]
    public async Task What_was_removed_while_it_was_made_is_not_kept()
    {
        var call = Cache.GetOrCreateAsync("key", Slow, tags: ["tag"]).AsTask();
        await _begun.Task.WaitAsync(_patience);
        await Cache.RemoveByTagAsync("tag");
        _gate.SetResult();
        var value = await call.WaitAsync(_patience);
        Assert.NotEqual(value, await Cache.GetOrCreateAsync("key", Slow));
    }

    [Fact]
    public async Task Who_wants_another_type_does_not_get_the_wrong_one()
    {
        var text = Cache.GetOrCreateAsync("key", async cancel => (await Slow(cancel)).ToString()).AsTask();
        try
        {
            Assert.Equal(1, await Cache.GetOrCreateAsync("key", static _ => new ValueTask<int>(1)));
        }
        catch (InvalidOperationException)
        {
            // It may refuse that, as Microsoft's does.
        }

        _gate.SetResult();
        Assert.True(Guid.TryParse(await text.WaitAsync(_patience), out _));
    }

    private async ValueTask<Guid> Slow(CancellationToken cancel)
    {
        Interlocked.Increment(ref _calls);
        _begun.TrySetResult();
        await _gate.Task;
        cancel.ThrowIfCancellationRequested();
        return Guid.NewGuid();
    }
}
