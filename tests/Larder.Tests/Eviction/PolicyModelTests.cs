using Larder.TestKit;

namespace Larder.Tests.Eviction;

/// <summary>Every policy hits just when the naive one does.</summary>
public sealed class PolicyModelTests
{
    // The default has no paper; it is held to what it promises in its own tests.
    public static TheoryData<string> Names => [.. EvictionPolicy.All.Except([EvictionPolicy.Default]).Select(policy => policy.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_policy_hits_when_its_paper_says(string name)
    {
        int first = Seeds.Next();
        for (int round = 0; round < 150; round++)
        {
            int seed = unchecked(first + round);
            var random = new Random(seed);
            int capacity = random.Next(1, 45);
            var cache = new TestCache(EvictionPolicy.All.Single(policy => policy.Name == name), capacity, (uint)seed);
            var naive = NaivePolicies.Create(name, capacity, (uint)seed);
            int step = 0;
            foreach (int key in Requests(random, capacity))
            {
                bool expected = naive(key);
                Assert.True(expected == cache.Request(key), $"{name}, seed {seed}, capacity {capacity}, request {step}: key {key}, expected {(expected ? "hit" : "miss")}");
                step++;
            }
        }
    }

    /// <summary>Phases of popular keys, loops and scans.</summary>
    private static IEnumerable<int> Requests(Random random, int capacity)
    {
        for (int phase = 0; phase < 12; phase++)
        {
            int kind = random.Next(3);
            int span = random.Next(1, 4 * capacity + 2);
            int from = random.Next(100);
            for (int i = 0; i < 120; i++)
            {
                yield return kind switch
                {
                    0 => from + (int)(span * Math.Pow(random.NextDouble(), 3)),
                    1 => from + i % span,
                    _ => random.Next(4) == 0 ? random.Next(capacity) : 1000 * phase + i,
                };
            }
        }
    }
}
