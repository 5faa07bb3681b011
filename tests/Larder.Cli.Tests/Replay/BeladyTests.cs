using Larder.Cli.Replay;
using Larder.Cli.Tests.Support;
using Larder.Cli.Traces;

namespace Larder.Cli.Tests.Replay;

public sealed class BeladyTests
{
    [Fact]
    public void The_optimum_is_what_trying_everything_finds()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            int keys = random.Next(1, 8);
            int capacity = random.Next(1, 6);
            int[] requests = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(keys))];
            var trace = new Trace("random", requests, new int[keys]);
            long hits = Belady.Run(trace, capacity, new(1, default)).Hits;
            Assert.True(
                NaiveCaches.BestPossible(requests, capacity) == hits,
                $"seed {seed}: {hits} hits at capacity {capacity} of {string.Join(' ', requests)}");
        }
    }

    [Fact]
    public void The_set_of_positions_agrees_with_a_sorted_set()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int bound = random.Next(1, 300_000);
            var set = new PositionSet(bound);
            var model = new SortedSet<int>();
            for (int step = 0; step < 2_000; step++)
            {
                int position = random.Next(bound);
                if (random.Next(4) == 0 && model.Count > 0)
                {
                    Assert.Equal(model.Max, set.RemoveGreatest());
                    model.Remove(model.Max);
                }
                else if (random.Next(3) == 0)
                {
                    Assert.Equal(model.Remove(position), set.Remove(position));
                }
                else if (model.Add(position))
                {
                    set.Add(position);
                }

                Assert.Equal(model.Count, set.Count);
            }
        }
    }
}
