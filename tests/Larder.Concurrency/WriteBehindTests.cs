namespace Larder.Concurrency;

/// <summary>Threads that write and remove on few keys of a cache that writes behind, over a source that fails and takes random turns.</summary>
public sealed class WriteBehindTests
{
    private const int Keys = 12;

    [Fact]
    public void The_newest_write_of_each_key_arrives_and_none_comes_after_a_newer_one() => Stress.Run(seed =>
    {
        var arrived = new List<Write<int, long>>[Keys];
        bool[] isUnderWay = new bool[Keys];
        for (int key = 0; key < Keys; key++) arrived[key] = [];
        var random = new Random(seed);
        var cache = new LoadingCache<int, long>(new LoadingCacheOptions<int, long>
        {
            Memory = new() { Capacity = 6 },
            RemembersAbsent = false,
            Loaders = [Loader.For<int, long>((LoadRequest<int, long> request, CancellationToken _) => new(Arrived(request.Key)))],
            Writing = new(Writer.ForMany<int, long>(WriteAsync))
            {
                Behind = new() { Interval = TimeSpan.FromMilliseconds(1), MaxBatch = 4, MaxParallel = 3, MaxWaiting = 8, MaxAttempts = int.MaxValue, Backoff = new() { First = TimeSpan.FromMilliseconds(1), Most = TimeSpan.FromMilliseconds(2) } },
            },
        });
        var newest = new Write<int, long>[Keys];
        int rounds = Stress.Rounds(4_000);
        Stress.Threads(4, thread => Work(cache, newest, new Random(seed + thread + 1), thread, rounds));
        cache.FlushAsync().GetAwaiter().GetResult();
        for (int key = 0; key < Keys; key++)
        {
            Assert.Equal(newest[key], arrived[key][^1]);
            var numbers = arrived[key].Where(static write => !write.IsRemoval).Select(static write => write.Value).ToList();
            Assert.Equal(numbers.Order(), numbers);
        }

        cache.CheckIntegrity();
        cache.DisposeAsync().AsTask().GetAwaiter().GetResult();

        Loaded<long> Arrived(int key)
        {
            lock (arrived) return arrived[key] is [.., { IsRemoval: false } last] ? last.Value : Loaded<long>.Absent;
        }

        async ValueTask WriteAsync(IReadOnlyList<Write<int, long>> writes, CancellationToken cancellationToken)
        {
            bool fails;
            lock (random) fails = random.Next(4) == 0;
            lock (arrived)
            {
                foreach (var write in writes)
                {
                    if (isUnderWay[write.Key]) throw new InvalidOperationException($"Key {write.Key} is written twice at once.");
                    isUnderWay[write.Key] = true;
                }
            }

            await Task.Yield();
            lock (arrived)
            {
                foreach (var write in writes)
                {
                    isUnderWay[write.Key] = false;
                    if (!fails) arrived[write.Key].Add(write);
                }
            }

            if (fails) throw new IOException();
        }
    });

    // Each key has one writer, so that its order is known.
    private static void Work(LoadingCache<int, long> cache, Write<int, long>[] newest, Random random, int thread, int rounds)
    {
        for (int i = 1; i <= rounds; i++)
        {
            int key = (random.Next(Keys / 4) * 4) + thread;
            bool removes = random.Next(8) == 0;
            newest[key] = removes ? new(key, 0, IsRemoval: true) : new(key, i);
            if (removes) cache.RemoveAsync(key).AsTask().GetAwaiter().GetResult();
            else cache.SetAsync(key, i).AsTask().GetAwaiter().GetResult();

            // Whatever memory has lost meanwhile, a reader sees the newest.
            var read = cache.ReadAsync(key).AsTask().GetAwaiter().GetResult();
            bool isRight = removes ? !read.HasValue : read.HasValue && read.Value == i;
            if (!isRight) throw new InvalidOperationException($"Key {key}: {(removes ? "removed" : $"wrote {i}")}, then read {read}.");
            Stress.MaybeYield(random);
        }
    }
}
