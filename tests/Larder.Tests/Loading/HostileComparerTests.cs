namespace Larder.Tests.Loading;

/// <summary>A comparer that throws while a load is under way: who waits for it is told, and the key is usable afterwards.</summary>
public sealed class HostileComparerTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_waits_for_a_load_is_told_though_the_comparer_throws_at_its_end(bool inBatches)
    {
        var comparer = new Failing();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ILoader<int, string> loader = inBatches
            ? Loader.ForMany<int, string>(async (keys, _) =>
            {
                await gate.Task;
                return keys.ToDictionary(static key => key, static _ => "new");
            })
            : Loader.For<int, string>(async (_, _) =>
            {
                await gate.Task;
                return "new";
            });
        await using var shop = new Shop(o => o with
        {
            Memory = o.Memory with { Comparer = comparer },
            Loaders = [loader],
            Batches = new() { Window = TimeSpan.FromTicks(inBatches ? 1 : 0), MaxBatch = 2 },
        });
        Task<string?>[] reads = [shop.Cache.GetAsync(1).AsTask(), shop.Cache.GetAsync(2).AsTask()];
        comparer.Throws = true;
        gate.SetResult();
        foreach (var read in reads) await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => read.WaitAsync(_patience));
        comparer.Throws = false;
        reads = [shop.Cache.GetAsync(1).AsTask(), shop.Cache.GetAsync(2).AsTask()]; // Both, for they make a batch.
        Assert.All(await Task.WhenAll(reads).WaitAsync(_patience), static value => Assert.Equal("new", value));
    }

    [Fact]
    public async Task A_refresh_that_the_comparer_keeps_from_beginning_keeps_no_other_from_it()
    {
        var comparer = new Failing();
        await using var shop = new Shop(o => o with { Memory = o.Memory with { Comparer = comparer }, Refresh = new() { MaxConcurrent = 1, MaxWaiting = 0 } });
        await shop.Age(1, 11);
        comparer.Spares = 1; // The search in memory.
        comparer.Throws = true;
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => shop.Cache.GetAsync(1).AsTask());
        comparer.Throws = false;
        Assert.Equal("old", await shop.Cache.GetAsync(1));
        await shop.Quiet();
        Assert.Equal("new", await shop.Cache.GetAsync(1));
    }

    private sealed class Failing : IEqualityComparer<int>
    {
        public volatile bool Throws;
        public int Spares;

        public bool Equals(int x, int y) => x == y;

        public int GetHashCode(int key) => Throws && Spares-- <= 0 ? throw new TimeZoneNotFoundException() : key;
    }
}
