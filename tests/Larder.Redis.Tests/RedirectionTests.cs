using System.Net;
using System.Text;
using Larder.Redis.Protocol;
using Larder.Redis.Topology;

namespace Larder.Redis.Tests;

public sealed class RedirectionTests
{
    private static readonly DnsEndPoint _asked = new("asked", 1);

    [Theory]
    [InlineData("MOVED 3999 10.0.0.1:6381", "Moved", "10.0.0.1", 6381)]
    [InlineData("MOVED 3999 :6381", "Moved", "asked", 6381)]
    [InlineData("ASK 3999 [::1]:6381", "Ask", "::1", 6381)]
    [InlineData("MOVED 3999 node.example:6381 more", "Moved", "node.example", 6381)]
    public void Where_a_node_sends_one_is_read(string error, string kind, string host, int port)
    {
        var redirection = Redirection.Of(error, _asked)!;
        Assert.Equal((kind, new DnsEndPoint(host, port)), (redirection.Kind.ToString(), redirection.To));
    }

    [Theory]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot")]
    [InlineData("CLUSTERDOWN The cluster is down")]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    public void What_passes_is_tried_later(string error) => Assert.Equal(new(RedirectionKind.Later, null), Redirection.Of(error, _asked));

    [Theory]
    [InlineData("ERR unknown command")]
    [InlineData("MOVED")]
    [InlineData("MOVED 1")]
    [InlineData("MOVED 1 nowhere")]
    [InlineData("MOVED 1 ?:6379")]
    [InlineData("ASK 1 a:0")]
    [InlineData("ASK 1 a:99999")]
    [InlineData("")]
    public void Anything_else_is_an_error_like_others(string error) => Assert.Null(Redirection.Of(error, _asked));

    [Fact]
    public void A_map_of_slots_is_read_with_whatever_stands_beside_it()
    {
        const string answer = "*3\r\n*3\r\n:0\r\n:100\r\n*4\r\n$8\r\n10.0.0.1\r\n:7000\r\n$2\r\nid\r\n*2\r\n$8\r\nhostname\r\n$1\r\nh\r\n"
            + "*4\r\n:101\r\n:16383\r\n*3\r\n_\r\n:7001\r\n$2\r\nid\r\n*3\r\n$1\r\nr\r\n:7002\r\n$2\r\nid\r\n*3\r\n:5\r\n:5\r\n*2\r\n$1\r\n?\r\n:7003\r\n";
        Assert.Equal([new(0, 100, new("10.0.0.1", 7000)), new(101, 16383, new("asked", 7001))], Read(answer));
    }

    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData("*1\r\n:1\r\n")]
    [InlineData("*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n")]
    [InlineData("*1\r\n*3\r\n:-1\r\n:1\r\n*2\r\n$1\r\na\r\n:1\r\n")]
    [InlineData("*1\r\n*3\r\n:7\r\n:1\r\n*2\r\n$1\r\na\r\n:1\r\n")]
    [InlineData("*1\r\n*3\r\n:0\r\n:1\r\n*1\r\n$1\r\na\r\n")]
    [InlineData("*1\r\n*3\r\n:0\r\n:1\r\n+a\r\n")]
    public void What_is_no_map_is_refused(string answer) => Assert.Throws<RespException>(() => Read(answer));

    private static IReadOnlyList<SlotRange> Read(string answer)
    {
        var reader = new RespReader(Encoding.ASCII.GetBytes(answer));
        reader.Next();
        return SlotRange.Read(ref reader, _asked);
    }
}
