using Larder.Memory;

namespace Larder.Tests;

/// <summary>Numbers as applications have them, in the tables of a cache: how long are the chains?</summary>
public sealed class SpreadTests
{
    private const int Count = 10_000;

    public static TheoryData<string, int> Patterns()
    {
        var data = new TheoryData<string, int>();
        foreach (int shards in new[] { 1, 8, 64 })
        {
            for (int bit = 0; bit < 32; bit++) data.Add($"stride {1L << bit}", shards);
            foreach (int stride in new[] { 3, 10, 31, 63, 100, 255, 1000, 1025, 3600, 65_537, 86_400, 1_000_000 }) data.Add($"stride {stride}", shards);
            foreach (int bit in new[] { 8, 12, 16, 20, 24 }) data.Add($"pairs {bit}", shards);
            foreach (string name in new[] { "negative", "doubles", "cents", "runs" }) data.Add(name, shards);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void A_key_is_found_within_a_few_steps(string pattern, int shards)
    {
        var keys = Keys(pattern).Distinct().ToArray();
        double steps = Chains(keys, shards).Sum(chain => chain * (chain + 1) / 2.0) / keys.Length;

        // Keys that lie by chance need one and a half at this load.
        Assert.True(steps <= 3.5, $"{steps:F2} steps");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    public void Numbers_that_follow_one_another_fill_the_shards_evenly_and_hardly_collide(int shards)
    {
        int[] keys = [.. Enumerable.Range(1, Count)];
        Assert.True(Chains(keys, shards).Max() <= 2);
        var lookup = new KeyLookup<int>(null, shards);
        var sizes = keys.CountBy(key => ShardOf(lookup.Hash(key), shards)).Select(pair => pair.Value).ToArray();
        Assert.Equal(shards, sizes.Length);
        Assert.True(sizes.Max() <= sizes.Min() * 1.2);
    }

    private static IEnumerable<int> Keys(string pattern)
    {
        var words = pattern.Split(' ');
        long number = words.Length > 1 ? long.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        var indexes = Enumerable.Range(0, Count);
        return words[0] switch
        {
            "stride" => indexes.Select(i => (int)(i * number)),
            "pairs" => indexes.Select(i => ((i / 100) << (int)number) | (i % 100)),
            "negative" => indexes.Select(i => -1 - i),
            "doubles" => indexes.Select(i => ((double)i).GetHashCode()),
            "cents" => indexes.Select(i => (i / 100.0).GetHashCode()),
            _ => indexes.Select(i => (i / 16 * 256) + (i % 16)),
        };
    }

    private static List<int> Chains(int[] keys, int shards)
    {
        var lookup = new KeyLookup<int>(null, shards);
        var tables = Enumerable.Range(0, shards).Select(_ => new EntryTable<int, int>()).ToArray();
        int[] linked = new int[shards];
        foreach (int key in keys)
        {
            int hash = lookup.Hash(key);
            int shard = ShardOf(hash, shards);
            tables[shard].Add(new(key, 0, hash), linked[shard]++);
        }

        List<int> chains = [];
        foreach (var table in tables)
        {
            foreach (var bucket in table.Buckets)
            {
                int length = 0;
                for (var entry = bucket.Head; entry is not null; entry = entry.Next) length++;
                chains.Add(length);
            }
        }

        return chains;
    }

    private static int ShardOf(int hash, int shards) => (byte)hash * shards >> KeyLookup.SlotBits;
}
