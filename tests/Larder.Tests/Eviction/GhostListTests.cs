using Larder.Eviction;
using Larder.TestKit;

namespace Larder.Tests.Eviction;

public sealed class GhostListTests
{
    [Fact]
    public void A_ghost_is_found_once()
    {
        var ghosts = new GhostList();
        ghosts.Add(7, limit: 10);
        Assert.Equal(1, ghosts.Count);
        Assert.True(ghosts.Remove(7));
        Assert.False(ghosts.Remove(7));
        Assert.Equal(0, ghosts.Count);
    }

    [Fact]
    public void The_oldest_go_first_and_an_addition_makes_new_again()
    {
        var ghosts = new GhostList();
        foreach (int hash in new[] { 1, 2, 3, 1 }) ghosts.Add(hash, limit: 3);
        ghosts.Trim(2);
        Assert.False(ghosts.Remove(2));
        Assert.True(ghosts.Remove(3) && ghosts.Remove(1));
    }

    [Fact]
    public void A_limit_of_nothing_or_less_remembers_nothing()
    {
        var ghosts = new GhostList();
        ghosts.Add(1, limit: 3);
        ghosts.Add(2, limit: 0);
        Assert.Equal(0, ghosts.Count);
        ghosts.Add(3, limit: 3);
        ghosts.Trim(-5);
        Assert.Equal(0, ghosts.Count);
    }

    [Fact]
    public void It_does_as_a_plain_list_does()
    {
        int first = Seeds.Next();
        for (int round = 0; round < 100; round++)
        {
            int seed = unchecked(first + round);
            var random = new Random(seed);
            var ghosts = new GhostList();
            var model = new List<int>();
            int limit = random.Next(1, 100);
            for (int i = 0; i < 2000; i++)
            {
                int hash = random.Next(150);
                if (random.Next(3) == 0)
                {
                    Assert.True(model.Remove(hash) == ghosts.Remove(hash), $"seed {seed}, step {i}");
                }
                else
                {
                    model.Remove(hash);
                    model.Add(hash);
                    if (model.Count > limit) model.RemoveAt(0);
                    ghosts.Add(hash, limit);
                }

                Assert.True(model.Count == ghosts.Count, $"seed {seed}, step {i}");
            }

            Assert.All(model, hash => Assert.True(ghosts.Remove(hash), $"seed {seed}: {hash}"));
            Assert.Equal(0, ghosts.Count);
        }
    }
}
