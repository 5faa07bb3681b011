using System.Diagnostics;
using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Benchmarks.Ratios;

/// <summary>What does reading through loaders cost beside the plain cache: a hit, a hit on an entry with tags, a stale hit while its refresh is under way, a miss, a wait for another's load?</summary>
internal static class LoadingRows
{
    private const double HitLimit = 1.5, StaleLimit = 1.2, TaggedLimit = 1.1, MissLimit = 600, MissBytes = 400, JoinBytes = 200;
    private const int Joiners = 10_000;

    internal static IEnumerable<Question> Questions =>
    [
        new("loading-hit/int/1 loading-hit/tagged/int/1 loading-stale/int/1", () => Numbers("int/1", KeySet.Ints(1))),
        new("loading-hit/int/10k loading-hit/tagged/int/10k loading-stale/int/10k", () => Numbers("int/10k", KeySet.Ints(10_000))),
        new("loading-hit/string/1 loading-hit/tagged/string/1 loading-stale/string/1", () => Strings("string/1", KeySet.Strings(1))),
        new("loading-hit/string/10k loading-hit/tagged/string/10k loading-stale/string/10k", () => Strings("string/10k", KeySet.Strings(10_000))),
        new("loading-miss/long loading-miss/set/long", Miss),
        new("loading-join/long", Join),
    ];

    private static Row[] Numbers<TKey>(string name, TKey[] keys) where TKey : struct
    {
        var walk = KeySet.Walk(keys, Worker.PassLength);
        using var plain = Caches.Filled(HitRows.Capacity, keys);
        return Compare(
            name,
            new("cache", new Worker<LarderHit<TKey>>(new(plain, walk))),
            new("loading", new Worker<LoadingHit<TKey>>(new(Fresh(keys), walk))),
            new("stale", new Worker<LoadingHit<TKey>>(new(Stale(keys), walk))),
            new("tagged", new Worker<LoadingHit<TKey>>(new(Fresh(keys, ["all", "numbers"]), walk))));
    }

    private static Row[] Strings(string name, string[] keys)
    {
        var walk = KeySet.Walk(keys, Worker.PassLength);
        using var plain = Caches.Filled(HitRows.Capacity, keys);
        return Compare(
            name,
            new("cache", new Worker<LarderStringHit>(new(plain, walk))),
            new("loading", new Worker<LoadingStringHit>(new(Fresh(keys), walk))),
            new("stale", new Worker<LoadingStringHit>(new(Stale(keys), walk))),
            new("tagged", new Worker<LoadingStringHit>(new(Fresh(keys, ["all", "strings"]), walk))));
    }

    private static Row[] Compare(string name, Side plain, Side loading, Side stale, Side tagged)
    {
        Duel.Fight(plain, loading, stale, tagged);
        foreach (var side in new[] { plain, loading, stale, tagged })
            if (side.HitRatio < 1) Console.Error.WriteLine($"loading {name}: {side.Name} served only {side.HitRatio:P1} at once");
        return
        [
            Row.Of($"loading-hit/{name}", loading, plain, Goal.RatioAtMost(HitLimit)),
            Row.Of($"loading-hit/tagged/{name}", tagged, loading, Goal.RatioAtMost(TaggedLimit)),
            Row.Of($"loading-stale/{name}", stale, loading, Goal.RatioAtMost(StaleLimit)),
        ];
    }

    // A miss of a full cache also evicts, as a write of a new key does: the second row tells how much of the miss that is.
    private static IEnumerable<Row> Miss()
    {
        var cache = new LoadingCache<long, object>(
            static (_, _) => new(KeySet.Value), new() { Memory = new() { Capacity = HitRows.Capacity, Lifetime = Lifetime.FreshFor(Caches.Life) } });
        using var memory = new MemoryCache(new MemoryCacheOptions { SizeLimit = HitRows.Capacity });
        var ours = new Side("larder", new Worker<LoadingMiss>(new(cache, new long[1])));
        var theirs = new Side("memorycache", new Worker<MemoryCacheMiss>(new(memory, new long[1], Caches.SizedMemoryCacheEntry)));
        using var written = Caches.Larder<long>(HitRows.Capacity);
        var set = new Side("set", new Worker<NewKeySet>(new(written, new long[1])));
        Duel.Fight(ours, theirs, set);
        yield return Row.Of("loading-miss/long", ours, theirs, Goal.OursAtMost(MissLimit, MissBytes));
        yield return Row.Of("loading-miss/set/long", ours, set, note: "theirs is Cache.Set of a new key in a full cache, which each miss comes to in the end");
    }

    // What each of many who wait for one load allocates. Beside it, what a task that waits for a task does.
    private static IEnumerable<Row> Join()
    {
        var (ours, bytes) = Waits(static gate =>
        {
            var cache = new LoadingCache<long, object>((_, _) => new(gate.Task));
            return () => IsOver(cache.GetAsync(1));
        });
        var (theirs, theirBytes) = Waits(static gate => () => Await(gate.Task).IsCompleted);
        yield return new("loading-join/long", ours, theirs, bytes, Goal.OursAtMost(double.MaxValue, JoinBytes), $"theirs, an async method awaiting a task, allocates {theirBytes:F0} bytes/op");

        static async Task<object> Await(Task<object> task) => await task.ConfigureAwait(false);
    }

    private static (double Nanoseconds, double Bytes) Waits(Func<TaskCompletionSource<object>, Func<bool>> begin)
    {
        double nanoseconds = 0, bytes = 0;
        for (int round = 0; round < 5; round++)
        {
            var gate = new TaskCompletionSource<object>();
            var wait = begin(gate);
            wait();
            bytes = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Joiners; i++) wait();
            nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Joiners;
            bytes = (GC.GetAllocatedBytesForCurrentThread() - bytes) / Joiners;
            gate.SetResult(KeySet.Value);
            Duel.AwaitCompiler();
        }

        return (nanoseconds, bytes);
    }

    // Begins a read whose result nobody awaits.
    private static bool IsOver(ValueTask<object?> read) => read.IsCompleted;

    private static LoadingCache<TKey, object> Fresh<TKey>(TKey[] keys, TagSet tags = default) where TKey : notnull =>
        Filled(keys, new() { Fresh = Caches.Life, Stale = Caches.Life, Fallback = Caches.Life }, tags);

    // Born stale, with a refresh of each key under way that never ends.
    private static LoadingCache<TKey, object> Stale<TKey>(TKey[] keys) where TKey : notnull
    {
        var cache = Filled(keys, new() { Fresh = TimeSpan.Zero, Stale = Caches.Life });
        foreach (var key in keys) IsOver(cache.GetAsync(key));
        return cache;
    }

    private static LoadingCache<TKey, object> Filled<TKey>(TKey[] keys, Lifetime lifetime, TagSet tags = default) where TKey : notnull
    {
        var never = new TaskCompletionSource<object>();
        var cache = new LoadingCache<TKey, object>((_, _) => new(never.Task), new()
        {
            Memory = new() { Capacity = HitRows.Capacity, Lifetime = lifetime },
            Refresh = new() { MaxConcurrent = int.MaxValue, Timeout = null },
        });
        foreach (var key in keys) cache.SetAsync(key, KeySet.Value, tags: tags).AsTask().GetAwaiter().GetResult();
        return cache;
    }
}
