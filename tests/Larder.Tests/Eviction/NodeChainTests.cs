using Larder.Eviction;
using Larder.TestKit;

namespace Larder.Tests.Eviction;

public sealed class NodeChainTests
{
    private readonly struct Place : INodePlace
    {
        public static ref int Of(EvictionNode node) => ref node.ListPlace;
    }

    [Fact]
    public void Chains_that_share_chunks_do_as_plain_lists_do_and_leave_few_gaps()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        var chunks = new NodeChunks();
        var chains = Enumerable.Range(0, 3).Select(_ => new NodeChain<Place>(chunks)).ToArray();
        var models = Enumerable.Range(0, 3).Select(_ => new List<EvictionNode>()).ToArray();
        int most = 0;
        for (int i = 0; i < 30_000; i++)
        {
            int at = random.Next(3);
            var (chain, model) = (chains[at], models[at]);

            // Grows for a while, then shrinks for a while.
            if (model.Count == 0 || random.Next(100) < (i / 2_000 % 2 == 0 ? 60 : 40))
            {
                var node = new TestNode(i);
                bool isNewest = random.Next(4) > 0;
                if (isNewest) chain.AddNewest(node);
                else chain.AddOldest(node);
                model.Insert(isNewest ? model.Count : 0, node);
            }
            else
            {
                // Among the oldest, the newest, or anywhere.
                int which = random.Next(3) switch { 0 => 0, 1 => model.Count - 1, _ => random.Next(model.Count) };
                chain.Remove(model[which]);
                Assert.Equal(0, model[which].ListPlace);
                model.RemoveAt(which);
            }

            most = Math.Max(most, models.Sum(static nodes => nodes.Count));
            if (i % 100 != 0) continue;
            for (int c = 0; c < 3; c++) Check(chains[c], models[c], chunks, seed);
        }

        // What was left is used again: chunks are never more than the fullest moment asked for.
        int made = Enumerable.Range(1, int.MaxValue - 1).TakeWhile(number => chunks.Of(number << NodeChunk.PlaceBits) is not null).Count();
        Assert.True(made <= most * 4 / NodeChunk.Room + 6, $"seed {seed}: {made} chunks for at most {most} nodes");
    }

    private static void Check(NodeChain<Place> chain, List<EvictionNode> model, NodeChunks chunks, int seed)
    {
        var walked = new List<EvictionNode>();
        for (var node = chain.Oldest; node is not null; node = chain.NewerThan(node)) walked.Add(node);
        Assert.True(model.SequenceEqual(walked), $"seed {seed}: forwards");
        walked.Clear();
        for (var node = chain.Newest; node is not null; node = chain.OlderThan(node)) walked.Add(node);
        walked.Reverse();
        Assert.True(model.SequenceEqual(walked), $"seed {seed}: backwards");

        var used = model.Select(node => chunks.Of(node.ListPlace)!).Distinct().ToList();
        Assert.Equal(model.Count, used.Sum(static chunk => chunk.Count));
        for (int i = 1; i < used.Count; i++)
        {
            Assert.True(used[i - 1].Newer == used[i] && used[i].Older == used[i - 1], $"seed {seed}: links");
            Assert.True(used[i - 1].Count + used[i].Count > NodeChunk.Room / 2, $"seed {seed}: two chunks that should be one");
        }
    }
}
