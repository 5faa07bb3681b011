using System.Collections.Concurrent;

namespace Larder.Concurrency;

public sealed class LeasingTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(16, 8)]
    public void No_leased_value_is_disposed_and_every_value_is_disposed_once_in_the_end(int capacity, int shards)
    {
        var all = new ConcurrentBag<Tracked>();
        var cache = new LeasingCache<int, Tracked>(new()
        {
            Capacity = capacity,
            Shards = new() { Count = shards },
            Weigher = static (_, value) => value.Weight,
            Lifetime = Lifetime.FreshFor(TimeSpan.FromMilliseconds(20)),
        });
        Tracked Make(Random random)
        {
            var made = new Tracked(random.Next(100) == 0 ? 17 : 1, random.Next(50) == 0);
            all.Add(made);
            return made;
        }

        Stress.Run(seed => Stress.Threads(6, thread =>
        {
            var random = new Random(seed + thread);
            var kept = new Queue<Lease<Tracked>>();
            try
            {
                for (int i = 0; i < Stress.Rounds(15_000); i++)
                {
                    if (Act(cache, random, () => Make(random), () => Make(Random.Shared)) is { } lease) kept.Enqueue(lease);
                    foreach (var one in kept) one.Value.Use();
                    while (kept.Count > random.Next(4)) kept.Dequeue().Dispose();
                    Stress.MaybeYield(random);
                }

                // Whoever is done first, while the others are at it and leases are out.
                cache.Dispose();
            }
            catch (ObjectDisposedException)
            {
            }

            foreach (var lease in kept)
            {
                lease.Value.Use();
                lease.Dispose();
            }
        }));
        cache.CheckIntegrity();

        // Factories that nobody waits for any more may still be at work.
        Assert.True(SpinWait.SpinUntil(() => cache.Undisposed == 0 && all.All(static value => value.Disposals > 0), TimeSpan.FromSeconds(60)));
        Assert.All(all, static value => Assert.Equal(1, value.Disposals));
    }

    private static Lease<Tracked>? Act(LeasingCache<int, Tracked> cache, Random random, Func<Tracked> make, Func<Tracked> makeAnywhere)
    {
        int key = random.Next(8);
        switch (random.Next(1000))
        {
            case < 400: return cache.TryLease(key, out var found) ? found : null;
            case < 500: return cache.GetOrAdd(key, static (_, make) => make(), make);
            case < 600: return Await(cache, key, makeAnywhere, cancels: random.Next(3) == 0);
            case < 850: cache.Set(key, make()); break;
            case < 990: cache.Remove(key); break;
            case < 995: cache.Trim(); break;
            default: cache.Clear(); break;
        }

        return null;
    }

    private static Lease<Tracked>? Await(LeasingCache<int, Tracked> cache, int key, Func<Tracked> make, bool cancels)
    {
        using var cancellation = new CancellationTokenSource();
        var asked = cache.GetOrAddAsync(key, static async (_, make, _) => { await Task.Yield(); return make(); }, make, cancellation.Token).AsTask();
        if (cancels) cancellation.Cancel();
        try
        {
            return asked.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private sealed class Tracked(long weight, bool fails) : IDisposable
    {
        private int _disposals;

        internal long Weight => weight;

        internal int Disposals => Volatile.Read(ref _disposals);

        internal void Use()
        {
            if (Disposals > 0) throw new InvalidOperationException("A value was disposed under its lease.");
        }

        public void Dispose()
        {
            Interlocked.Increment(ref _disposals);
            if (fails) throw new FormatException("It throws when it is disposed.");
        }
    }
}
