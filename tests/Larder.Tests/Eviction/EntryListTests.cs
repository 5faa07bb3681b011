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
}
