using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Larder.Benchmarks.Ratios;

/// <summary>What does Larder cost behind Microsoft's abstractions: beside itself, and beside Microsoft's own?</summary>
internal static class FaceRows
{
    private const double HybridLimit = 3, MemoryLimit = 1, DistributedLimit = 1.5;
    private const int Keys = 10_000, PayloadLength = 100;

    internal static IEnumerable<Question> Questions =>
    [
        new("hybrid-hit/string/10k", Hybrid),
        new("hybrid-hit/written/10k", Written),
        new("memorycache-face/string/10k", Hit),
        new("memorycache-face/set/10k", Set),
        new("distributed-face/get/10k distributed-face/set/10k", Distributed),
    ];

    private static IEnumerable<Row> Hybrid()
    {
        string[] keys = KeySet.Strings(Keys), walk = KeySet.Walk(keys, Worker.PassLength);
        using var cache = FilledHybrid(keys);
        var (ours, theirs) = (new Side("hybrid", new Worker<HybridHit>(new(cache, walk))), new Side("loading", new Worker<LoadingStringHit>(new(Loading<object>(keys, KeySet.Value), walk))));
        Duel.Fight(ours, theirs);
        yield return Row.Of("hybrid-hit/string/10k", ours, theirs, Goal.RatioAtMost(HybridLimit));
    }

    private static IEnumerable<Row> Written()
    {
        int[] ids = KeySet.Ints(Keys), walk = KeySet.Walk(ids, Worker.PassLength);
        string[] keys = [.. ids.Select(static id => $"user:{id}")];
        using var cache = FilledHybrid(keys);
        var (ours, theirs) = (new Side("hybrid", new Worker<HybridWrittenHit>(new(cache, walk))), new Side("loading", new Worker<LoadingWrittenHit>(new(Loading(keys, "value"), walk))));
        Duel.Fight(ours, theirs);
        yield return Row.Of("hybrid-hit/written/10k", ours, theirs, Goal.OursAtMost(double.MaxValue, 0));
    }

    private static IEnumerable<Row> Hit()
    {
        string[] keys = KeySet.Strings(Keys), walk = KeySet.Walk(keys, Worker.PassLength);
        using var face = new LarderMemoryCache();
        foreach (string key in keys) face.Set(key, KeySet.Value, Caches.MemoryCacheEntry);
        using var memory = Caches.FilledMemoryCache(keys);
        var (ours, theirs) = (new Side("larder", new Worker<FaceHit>(new(face, walk))), new Side("memorycache", new Worker<FaceHit>(new(memory, walk))));
        Duel.Fight(ours, theirs);
        yield return Row.Of("memorycache-face/string/10k", ours, theirs, Goal.RatioAtMost(MemoryLimit));
    }

    private static IEnumerable<Row> Set()
    {
        string[] keys = KeySet.Strings(Keys), walk = KeySet.Walk(keys, Worker.PassLength);
        using var face = new LarderMemoryCache();
        using var memory = Caches.FilledMemoryCache(keys);
        var (ours, theirs) = (new Side("larder", new Worker<FaceSet>(new(face, walk, Caches.MemoryCacheEntry))), new Side("memorycache", new Worker<FaceSet>(new(memory, walk, Caches.MemoryCacheEntry))));
        Duel.Fight(ours, theirs);
        yield return Row.Of("memorycache-face/set/10k", ours, theirs, Goal.RatioAtMost(MemoryLimit));
    }

    // Microsoft's hands out the very array that it was given; ours copies it on both ways.
    private static IEnumerable<Row> Distributed()
    {
        string[] keys = KeySet.Strings(Keys), walk = KeySet.Walk(keys, Worker.PassLength);
        byte[] payload = new byte[PayloadLength];
        var entry = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = Caches.Life };
        using var face = new LarderDistributedCache();
        var memory = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        foreach (string key in keys)
        {
            face.Set(key, payload, entry);
            memory.Set(key, payload, entry);
        }

        Side ours = new("larder", new Worker<DistributedGet>(new(face, walk))), theirs = new("memory", new Worker<DistributedGet>(new(memory, walk)));
        Duel.Fight(ours, theirs);
        yield return Row.Of("distributed-face/get/10k", ours, theirs, Goal.RatioAtMost(DistributedLimit));
        (ours, theirs) = (new("larder", new Worker<DistributedSet>(new(face, walk, payload, entry))), new("memory", new Worker<DistributedSet>(new(memory, walk, payload, entry))));
        Duel.Fight(ours, theirs);
        yield return Row.Of("distributed-face/set/10k", ours, theirs, Goal.RatioAtMost(DistributedLimit));
    }

    private static LarderHybridCache FilledHybrid(string[] keys)
    {
        var cache = new LarderHybridCache();
        foreach (string key in keys) cache.SetAsync(key, "value").AsTask().GetAwaiter().GetResult();
        return cache;
    }

    private static LoadingCache<string, TValue> Loading<TValue>(string[] keys, TValue value)
    {
        var cache = new LoadingCache<string, TValue>((_, _) => new(value), new() { Memory = new() { Capacity = HitRows.Capacity, Lifetime = Lifetime.FreshFor(Caches.Life) } });
        foreach (string key in keys) cache.SetAsync(key, value).AsTask().GetAwaiter().GetResult();
        return cache;
    }
}
