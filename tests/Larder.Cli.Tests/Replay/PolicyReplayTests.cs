using Larder.Cli.Replay;
using Larder.Cli.Tests.Support;
using Larder.Cli.Traces;

namespace Larder.Cli.Tests.Replay;

public sealed class PolicyReplayTests
{
    private static readonly ReplayOptions _options = new(1, default);
    private static readonly Trace _trace = TraceFile.Read(GeneratedTrace.Path, null, default);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(30)]
    [InlineData(149)]
    [InlineData(400)]
    public void Fifo_hits_as_often_as_a_naive_one(int capacity) =>
        Assert.Equal(NaiveCaches.Fifo(GeneratedTrace.Keys(), capacity), PolicyReplay.Run(_trace, EvictionPolicy.Fifo, capacity, _options).Hits);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(30)]
    [InlineData(149)]
    [InlineData(400)]
    public void Sieve_hits_as_often_as_the_papers(int capacity) =>
        Assert.Equal(NaiveCaches.Sieve(GeneratedTrace.Keys(), capacity), PolicyReplay.Run(_trace, EvictionPolicy.Sieve, capacity, _options).Hits);

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(149)]
    public void A_policy_that_asks_for_each_use_hears_of_each(int capacity)
    {
        var policy = EvictionPolicy.Custom("touched", _ => new TouchedLru());
        Assert.Equal(NaiveCaches.Lru(GeneratedTrace.Keys(), capacity), PolicyReplay.Run(_trace, policy, capacity, _options).Hits);
    }

    [Fact]
    public void Every_policy_keeps_all_that_fits()
    {
        foreach (var policy in EvictionPolicy.All)
        {
            foreach (long capacity in new[] { _trace.Unique, long.MaxValue })
            {
                var result = PolicyReplay.Run(_trace, policy, capacity, _options);
                Assert.Equal(_trace.Unique, result.Misses);
                Assert.Equal(capacity, result.Capacity);
            }
        }
    }

    [Fact]
    public void Every_policy_gives_the_same_hits_for_the_same_seed()
    {
        foreach (var policy in EvictionPolicy.All)
            Assert.Equal(PolicyReplay.Run(_trace, policy, 60, _options).Hits, PolicyReplay.Run(_trace, policy, 60, _options).Hits);
    }

    [Fact]
    public void No_policy_beats_the_optimum()
    {
        foreach (int capacity in new[] { 1, 10, 60, 300 })
        {
            long best = Belady.Run(_trace, capacity, _options).Hits;
            foreach (var policy in EvictionPolicy.All)
                Assert.InRange(PolicyReplay.Run(_trace, policy, capacity, _options).Hits, 0, best);
        }
    }

    [Fact]
    public void A_replay_stops_when_asked()
    {
        var options = new ReplayOptions(1, new CancellationToken(canceled: true));
        Assert.Throws<OperationCanceledException>(() => PolicyReplay.Run(_trace, EvictionPolicy.Fifo, 10, options));
        Assert.Throws<OperationCanceledException>(() => Belady.Run(_trace, 10, options));
    }

    [Fact]
    public void Progress_adds_up_to_the_requests()
    {
        long replayed = 0;
        var trace = new Trace("long", new int[200_001], [0]);
        var options = new ReplayOptions(1, default, count => replayed += count);
        PolicyReplay.Run(trace, EvictionPolicy.Fifo, 1, options);
        Assert.Equal(200_001, replayed);
        Belady.Run(trace, 1, options);
        Assert.Equal(400_002, replayed);
    }

    private sealed class TouchedLru : IEvictionPolicy
    {
        private readonly EntryList _entries = new();

        public int UsesWanted => 0;

        public void OnAdd(EvictionNode node)
        {
            Assert.True(node is { Segment: 0, Count: 0, RecordsUses: false });
            (node.Segment, node.Count, node.RecordsUses) = (1, 2, true);
            _entries.AddNewest(node);
        }

        public void OnTouch(EvictionNode node) => _entries.MoveToNewest(node);

        public void OnReplace(EvictionNode node, EvictionNode by) => _entries.Replace(node, by);

        public void OnRemove(EvictionNode node) => _entries.Remove(node);

        public EvictionNode Evict()
        {
            var oldest = _entries.Oldest!;
            _entries.Remove(oldest);
            return oldest;
        }

        public void Resize(long capacity) { }
    }
}
