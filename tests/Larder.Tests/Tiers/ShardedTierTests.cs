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
        while (tier.Nodes[1].Waiting > 0)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1);
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

    [Fact]
    public async Task Sweeping_goes_to_every_node_that_can_and_a_dead_one_costs_its_share()
    {
        var tiers = Enumerable.Range(0, 3).Select(static _ => new InMemoryTier()).ToArray();
        await using var tier = new ShardedTier([.. tiers.Select(static (node, i) => new TierNode($"{i}", new(node))), new TierNode("no prefixes", new(new FlakyTier(new InMemoryTier(), seed: 1, failing: 0, slow: 0)))]);
        TierKey[] keys = [.. Enumerable.Range(0, 300).Select(static i => new TierKey($"{(i % 2 == 0 ? "old" : "new")}:{i}"))];
        await tier.SetAsync([.. keys.Select(static key => new TierEntry(key, new byte[] { 1 }, DateTimeOffset.MaxValue))]);
        await tiers[1].DisposeAsync(); // A node that throws.
        int[] shares = [.. keys.Where(static key => key.Bytes.Span.StartsWith("old"u8)).Select(tier.OwnerOf)];
        Assert.Equal(shares.Count(static owner => owner is 0 or 2), await tier.RemovePrefixesAsync([new("old")]));
        Assert.Equal(keys.Length - shares.Length - keys.Count(key => key.Bytes.Span.StartsWith("new"u8) && tier.OwnerOf(key) is 1 or 3), tiers[0].Count + tiers[2].Count);
        Assert.Equal(1, tier.Nodes[1].Failures);
    }

    [Fact]
    public async Task A_cache_over_it_sweeps_its_old_versions()
    {
        InMemoryTier[] nodes = [new(), new()];
        LoadingCacheOptions<int, string> options = new() { Tiers = [new(new ShardedTier([.. nodes.Select(static (node, i) => new TierNode($"{i}", new(node) { IsOwned = false }))])) { IsOwned = false }] };
        await using (var old = new LoadingCache<int, string>(options)) await old.SetManyAsync(Enumerable.Range(0, 50).Select(static i => KeyValuePair.Create(i, "x")));
        await using var now = new LoadingCache<int, string>(options with { Payloads = new() { SchemaVersion = 1 } });
        await now.SetAsync(1, "y");
        Assert.Equal(50, await now.SweepVersionsAsync());
        Assert.Equal(1, nodes.Sum(static node => node.Count));
    }

    [Fact]
    public async Task Disposed_once_or_twice_it_has_disposed_all_its_nodes_and_says_so()
    {
        Broken[] nodes = [new(), new(), new()];
        var tier = new ShardedTier([.. nodes.Select(static (node, i) => new TierNode($"{i}", new(node)))]);
        await Assert.ThrowsAsync<IOException>(() => tier.DisposeAsync().AsTask());
        await tier.DisposeAsync();
        Assert.All(nodes, static node => Assert.Equal(1, node.Disposals));
        using var found = new TierPayloads(1);
        TierKey key = new("a");
        await Assert.ThrowsAsync<ObjectDisposedException>(() => tier.GetAsync([key], found).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await tier.SetAsync([new(key, new byte[] { 1 }, DateTimeOffset.MaxValue)]));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await tier.RemoveAsync([key]));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await tier.ClearAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => tier.RemovePrefixesAsync([key]).AsTask());
    }

    private static ShardedTier Over(params (string Name, double Weight)[] nodes) =>
        new([.. nodes.Select(static node => new TierNode(node.Name, new(new InMemoryTier())) { Weight = node.Weight })]);

    private static int[] Owners(ShardedTier tier) => [.. Enumerable.Range(0, Keys).Select(i => tier.OwnerOf(new($"user:{i}")))];

    // Nothing can be done with it but to dispose it, which fails.
    private sealed class Broken : ICacheTier
    {
        public string Name => "broken";

        public bool IsShared => false;

        public int Disposals { get; private set; }

        public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default) => throw new IOException();

        public ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default) => throw new IOException();

        public ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default) => throw new IOException();

        public ValueTask ClearAsync(CancellationToken cancellationToken = default) => throw new IOException();

        public ValueTask DisposeAsync()
        {
            Disposals++;
            throw new IOException();
        }
    }
}
