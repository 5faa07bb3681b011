using Larder.TestKit;

namespace Larder.Concurrency;

public sealed class AdvisorTests
{
    [Fact]
    public async Task Readers_writers_and_resizes_harm_neither_the_cache_nor_its_advice()
    {
        int seed = Seeds.Next();
        var clock = new FakeClock();
        using var cache = new Cache<int, string>(new() { Capacity = 400, Shards = new() { Count = 4 }, Advice = new(), TimeProvider = clock });
        var users = Enumerable.Range(0, 4).Select(user => Task.Run(() =>
        {
            var random = new Random(seed + user);
            for (int i = 0; i < 100_000; i++)
            {
                int key = (int)Math.Pow(2000, random.NextDouble());
                if (random.Next(50) == 0) cache.Remove(key);
                else if (random.Next(20) == 0) cache.Set(key, $"{key}");
                else Assert.Equal($"{key}", cache.GetOrAdd(key, static key => $"{key}"));
            }
        })).ToArray();
        var all = Task.WhenAll(users);
        for (int beat = 0; !all.IsCompleted; beat++)
        {
            if (beat % 50 == 49) cache.Capacity = beat % 100 == 99 ? 400 : 300;
            clock.Advance(TimeSpan.FromSeconds(1));
            var advice = cache.Advice!;
            Assert.All(advice.LruCurve.Zip(advice.LruCurve.Skip(1)), pair => Assert.True(pair.First.Capacity < pair.Second.Capacity && pair.First.HitRatio <= pair.Second.HitRatio, $"seed {seed}"));
            Assert.All(advice.Policies, estimate => Assert.InRange(estimate.HitRatio, 0, 1));
            await Task.Yield();
        }

        await all;
        cache.CheckIntegrity();
        Assert.Equal(cache.Capacity, cache.Advice!.Capacity);
    }
}
