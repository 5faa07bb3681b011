using System.Reflection;
using Larder.Eviction;
using Larder.Memory;

namespace Larder.Tests.Eviction;

public sealed class TouchBufferTests
{
    [Fact]
    public void What_an_overtaken_reader_left_beyond_the_count_goes_too_when_all_is_cleared()
    {
        var pushed = typeof(TouchBuffer).GetField("_pushed", BindingFlags.NonPublic | BindingFlags.Instance)!;
        var buffer = new TouchBuffer(new(new Fifo(), new(10, 1), 0));
        for (int key = 0; key < 3; key++) buffer.Push(new TestNode(key));
        pushed.SetValue(buffer, 1); // As a reader does that began before the other two.
        buffer.Clear();
        pushed.SetValue(buffer, 3);
        Assert.Equal(3, buffer.Drain().Length);
        foreach (var node in buffer.Drain()) Assert.Null(node);
    }
}
