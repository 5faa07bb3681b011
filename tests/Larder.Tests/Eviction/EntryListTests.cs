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

    [Fact]
    public void A_node_is_in_one_list_and_is_looked_for_in_no_other()
    {
        EntryList one = new(), other = new();
        Node a = new(1), b = new(2), c = new(3);
        one.AddNewest(a);
        other.AddNewest(b);
        Assert.Throws<InvalidOperationException>(() => other.AddNewest(a));
        Assert.Throws<InvalidOperationException>(() => other.AddOldest(a));
        Assert.Throws<InvalidOperationException>(() => other.Remove(a));
        Assert.Throws<InvalidOperationException>(() => other.Replace(b, a));
        Assert.Throws<InvalidOperationException>(() => other.Replace(c, c));
        Assert.Throws<InvalidOperationException>(() => other.MoveToNewest(a));
        Assert.Throws<InvalidOperationException>(() => other.NewerThan(c));
        Assert.Throws<InvalidOperationException>(() => other.OlderThan(a));
        Assert.Equal((1, 1), (one.Count, other.Count));
        one.Remove(a);
        other.AddOldest(a);
        Assert.Same(b, other.NewerThan(a));
    }

    private static IEnumerable<EvictionNode> Walk(EvictionNode? node, Func<EvictionNode, EvictionNode?> next)
    {
        for (; node is not null; node = next(node)) yield return node;
    }
}
