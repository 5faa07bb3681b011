namespace Larder.Tests.Loading;

public sealed class RefreshLineTests
{
    [Fact]
    public async Task A_long_line_of_refreshes_that_end_at_once_is_worked_off_without_one_beginning_inside_another()
    {
        const int keys = 20_000;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        var many = Loader.ForMany<int, string>((asked, _) =>
        {
            var found = new ValueTask<IReadOnlyDictionary<int, string>>(asked.ToDictionary(static key => key, static _ => "new"));
            int call = Interlocked.Increment(ref calls);
            if (call == keys) all.SetResult();
            return call == 1 ? After(gate.Task, found) : found;
        });
        await using var shop = new Shop(o => o with
        {
            Memory = o.Memory with { Capacity = 2 * keys },
            Loaders = [many],
            Batches = new() { MaxBatch = 1 },
            Refresh = o.Refresh with { MaxConcurrent = 1, MaxWaiting = keys },
        });
        for (int key = 0; key < keys; key++) await shop.Cache.SetAsync(key, "old");
        shop.Clock.Advance(TimeSpan.FromSeconds(11));
        for (int key = 0; key < keys; key++) Assert.Equal("old", await shop.Cache.GetAsync(key));
        gate.SetResult();
        await all.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await shop.Quiet();
        Assert.Equal((keys, "new"), (calls, await shop.Cache.GetAsync(keys - 1)));
    }

    private static async ValueTask<T> After<T>(Task gate, ValueTask<T> result)
    {
        await gate;
        return await result;
    }
}
