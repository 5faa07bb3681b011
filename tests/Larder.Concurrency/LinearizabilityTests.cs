using System.Collections.Concurrent;
using System.Diagnostics;

namespace Larder.Concurrency;

public sealed class LinearizabilityTests
{
    private const int Threads = 3;
    private const int StepsPerThread = 14;
    private const int Keys = 2;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Concurrent_histories_are_linearizable(int shards) => Stress.Run(seed =>
    {
        for (int round = 0; round < Stress.Rounds(1500); round++)
        {
            using var cache = new Cache<int, Boxed>(new() { Capacity = 1000, Shards = new() { Count = shards } });
            Check(cache, v => new(v), b => b.Value, seed + round);
        }
    });

    [Fact]
    public void Histories_of_values_wider_than_a_word_are_linearizable() => Stress.Run(seed =>
    {
        for (int round = 0; round < Stress.Rounds(1000); round++)
        {
            using var cache = new Cache<int, Wide>(new() { Capacity = 1000, Lifetime = Lifetime.FreshFor(TimeSpan.FromHours(1)) });
            Check(cache, v => new(v, v, v), w => w.Checked, seed + round);
        }
    });

    private static void Check<TValue>(Cache<int, TValue> cache, Func<int, TValue> box, Func<TValue, int> unbox, int seed)
    {
        var recorded = new ConcurrentBag<(int Key, Operation Operation)>();
        Stress.Threads(Threads, thread =>
        {
            var random = new Random(seed * 31 + thread);
            for (int step = 0; step < StepsPerThread; step++)
            {
                Stress.MaybeYield(random);
                int key = random.Next(Keys), fresh = (thread + 1) * 1000 + step;
                bool ran = false;
                long began = Stopwatch.GetTimestamp();
                int? saw = null;
                var did = (Did)(random.Next(20) is 0 ? (int)Did.Clear : random.Next(10) switch { < 4 => 0, < 6 => 1, < 8 => 2, _ => 4 });
                switch (did)
                {
                    case Did.Read: saw = cache.TryGet(key, out var read) ? unbox(read) : null; break;
                    case Did.Set: cache.Set(key, box(fresh)); break;
                    case Did.Remove: saw = cache.Remove(key, out var removed) ? unbox(removed) : null; break;
                    case Did.Clear: cache.Clear(); break;
                    case Did.GetOrAdd:
                        saw = unbox(cache.GetOrAdd(key, (_, r) =>
                        {
                            ran = true;
                            Stress.MaybeYield(r);
                            return box(fresh);
                        }, random));
                        break;
                }

                long ended = Stopwatch.GetTimestamp();
                var operation = new Operation(thread, did, began, ended, did is Did.Set or Did.GetOrAdd ? fresh : null, saw, ran);
                for (int k = 0; k < Keys; k++)
                    if (k == key || did == Did.Clear) recorded.Add((k, operation));
            }
        });

        cache.CheckIntegrity();
        foreach (var history in recorded.GroupBy(r => r.Key, r => r.Operation))
        {
            var operations = history.OrderBy(o => o.Began).ToList();
            if (!History.IsLinearizable(operations)) throw new InvalidOperationException("Not linearizable:\n" + string.Join('\n', operations));
        }
    }

    private sealed record Boxed(int Value);

    private readonly record struct Wide(long A, long B, long C)
    {
        internal int Checked => A == B && B == C ? (int)A : throw new InvalidOperationException($"Torn: {A} {B} {C}");
    }
}
