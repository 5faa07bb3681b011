using Larder.TestKit;

namespace Larder.Tests.Tiers;

public sealed class ShardedTierTests
{
    private const int Keys = 30_000;

    [Fact]
    public void Each_node_has_its_share_by_weight()
    {
        var tier = Over(("a", 1), ("b", 1), ("c", 2));
        var counts = Owners(tier).CountBy(static owner => owner).ToDictionary();
        Assert.InRange(counts[0] / (double)Keys, 0.24, 0.26);
        Assert.InRange(counts[1] / (double)Keys, 0.24, 0.26);
        Assert.InRange(counts[2] / (double)Keys, 0.49, 0.51);
    }

    [Fact]
    public void A_node_that_is_added_takes_its_share_and_moves_nothing_else()
    {
        int[] before = Owners(Over(("a", 1), ("b", 1), ("c", 1))), after = Owners(Over(("a", 1), ("b", 1), ("c", 1), ("d", 1)));
        int moved = before.Zip(after).Count(static pair => pair.First != pair.Second);
        Assert.InRange(moved / (double)Keys, 0.24, 0.26);
        Assert.All(before.Zip(after).Where(static pair => pair.First != pair.Second), static pair => Assert.Equal(3, pair.Second));
    }

    [Fact]
    public void The_owner_depends_on_the_names_and_not_on_their_order()
    {
        string[] names = ["a", "b", "c"];
        int[] forward = Owners(Over(("a", 1), ("b", 1), ("c", 1))), backward = Owners(Over(("c", 1), ("b", 1), ("a", 1)));
        Assert.Equal(forward.Select(owner => names[owner]), backward.Select(owner => names[2 - owner]));
    }

    [Fact]
    public async Task A_dead_node_costs_its_share_only()
    {
        var clock = new FakeClock();
        FlakyTier[] nodes = [.. Enumerable.Range(0, 3).Select(i => new FlakyTier(new InMemoryTier(timeProvider: clock), seed: i, failing: 0, slow: 0))];
        await using var tier = new ShardedTier([.. nodes.Select(static (node, i) => new TierNode($"{i}", new(node)))], timeProvider: clock);
        TierKey[] keys = [.. Enumerable.Range(0, 300).Select(static i => new TierKey($"{i}"))];
        await tier.SetAsync([.. keys.Select(static key => new TierEntry(key, new byte[] { 1 }, DateTimeOffset.MaxValue))]);
        nodes[1].IsDown = true;
        using var found = new TierPayloads(keys.Length);
        await tier.GetAsync(keys, found);
        for (int i = 0; i < keys.Length; i++) Assert.Equal(tier.OwnerOf(keys[i]) != 1, found.TryGet(i, out _));

        // What it is told meanwhile waits for it alone.
        await tier.RemoveAsync(keys);
        Assert.Equal([0, keys.Count(key => tier.OwnerOf(key) == 1), 0], tier.Nodes.Select(static node => (int)node.Waiting));
        nodes[1].IsDown = false;
        for (int i = 0; i < 100_000 && tier.Nodes[1].Waiting > 0; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        found.Reset(keys.Length);
        await tier.GetAsync(keys, found);
        Assert.All(Enumerable.Range(0, keys.Length), i => Assert.False(found.TryGet(i, out _)));
    }

    [Fact]
    public void Nodes_that_cannot_be_told_apart_are_refused()
    {
        Assert.Contains("at least one", Assert.Throws<ArgumentException>(static () => new ShardedTier([])).Message, StringComparison.Ordinal);
        var error = Assert.Throws<ArgumentException>(static () => Over(("a", 1), ("a", 0)));
        Assert.Contains("'a'; it must be one that no other has", error.Message, StringComparison.Ordinal);
        Assert.Contains("weight of node 'a' is 0", error.Message, StringComparison.Ordinal);
    }

    private static ShardedTier Over(params (string Name, double Weight)[] nodes) =>
        new([.. nodes.Select(static node => new TierNode(node.Name, new(new InMemoryTier())) { Weight = node.Weight })]);

    private static int[] Owners(ShardedTier tier) => [.. Enumerable.Range(0, Keys).Select(i => tier.OwnerOf(new($"user:{i}")))];
}
