using Larder.Advising;
using Larder.TestKit;

namespace Larder.Tests.Advising;

public sealed class RecencyStackTests
{
    [Fact]
    public void Whatever_happens_it_tells_the_same_as_a_list()
    {
        int seed = Seeds.Next();
        for (int round = 0; round < 20; round++)
        {
            var random = new Random(seed + round);
            int depth = 1 + random.Next(12);
            var stack = new RecencyStack(depth);
            var naive = new List<int>();
            int[] counts = new int[16];
            for (int step = 0; step < 500; step++)
            {
                int key = random.Next(16);
                Assert.True(naive.IndexOf(key) == stack.DistanceOf(key, out int uses) && uses == counts[key], $"seed {seed}, round {round}, step {step}");
                naive.Remove(key);
                if (random.Next(5) == 0)
                {
                    stack.Remove(key);
                    counts[key] = 0;
                    continue;
                }

                stack.Use(key);
                naive.Insert(0, key);
                counts[key]++;
                if (naive.Count <= depth) continue;
                counts[naive[depth]] = 0;
                naive.RemoveAt(depth);
            }
        }
    }
}
