using Larder.TestKit;

namespace Larder.Tests.Eviction;

public sealed class EntryListTests
{
    private sealed class Node(int hash) : EvictionNode(hash);

    [Fact]
    public void Nodes_leave_in_the_order_they_came()
    {
        var list = new EntryList();
        Node a = new(1), b = new(2);
        list.AddNewest(a);
        list.AddNewest(b);
        Assert.Same(a, list.Oldest);
        list.MoveToNewest(a);
        Assert.Same(b, list.Oldest);
        Assert.Equal(2, list.Count);
    }

    [Fact]
    public void It_does_as_a_plain_list_does()
    {
        int first = Seeds.Next();
        for (int round = 0; round < 100; round++)
        {
            int seed = unchecked(first + round);
            var random = new Random(seed);
            var list = new EntryList();
            var model = new List<TestNode>();
            for (int i = 0; i < 300; i++)
            {
                var fresh = new TestNode(i, random.Next(5));
                var one = model.Count == 0 ? null : model[random.Next(model.Count)];
                switch (random.Next(6))
                {
                    case 0 when one is not null:
                        list.Remove(one);
                        model.Remove(one);
                        break;
                    case 1 when one is not null:
                        list.MoveToNewest(one);
                        model.Remove(one);
                        model.Add(one);
                        break;
                    case 2 when one is not null:
                        (one.Segment, one.Count, one.Mark) = (3, 9, 2);
                        list.Replace(one, fresh);
                        model[model.IndexOf(one)] = fresh;
                        Assert.True(fresh is { Segment: 3, Count: 9, Mark: 2 });
                        break;
                    case 3:
                        list.AddOldest(fresh);
                        model.Insert(0, fresh);
                        break;
                    default:
                        list.AddNewest(fresh);
                        model.Add(fresh);
                        break;
                }

                Assert.True(model.SequenceEqual(Walk(list.Oldest, list.NewerThan)), $"seed {seed}, step {i}: forwards");
                Assert.True(model.AsEnumerable().Reverse().SequenceEqual(Walk(list.Newest, list.OlderThan)), $"seed {seed}, step {i}: backwards");
                Assert.Equal((model.Count, model.Sum(node => node.Weight)), (list.Count, list.Weight));
            }
        }
    }

    private static IEnumerable<EvictionNode> Walk(EvictionNode? node, Func<EvictionNode, EvictionNode?> next)
    {
        for (; node is not null; node = next(node)) yield return node;
    }
}
