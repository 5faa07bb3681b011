using System.Globalization;
using System.Net;
using System.Text;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;

namespace Larder.Redis.Topology;

/// <summary>Sentinels, which say where the master is. One is listened to at a time; when it does not know, or sends where no master is, another is asked.</summary>
internal sealed class Sentinels : IAsyncDisposable
{
    private readonly string _master;
    private readonly TimeSpan _timeout;
    private readonly Seeds _seeds;
    private readonly Sessions _sessions;
    private readonly RedisNode _node;

    /// <summary>Describes them.</summary>
    /// <param name="options">How they are found.</param>
    /// <param name="time">The clock.</param>
    /// <param name="switched">Is called when another server has become the master.</param>
    internal Sentinels(RedisOptions options, TimeProvider time, Action<DnsEndPoint> switched)
    {
        _master = options.Sentinel!.Master;
        _timeout = options.ConnectTimeout;
        var login = options with { User = options.Sentinel.User, Password = options.Sentinel.Password, Database = 0 };
        _seeds = new(() => options.Servers, (seed, cancel) => new RedisHandshake(login, seed, time, (link, frame) => _sessions!.Pushed(link, frame)).ConnectAsync(cancel),
            static link => link.Greeting.IsSentinel ? null : "is no sentinel, and a master's name is given.");
        _node = new("the sentinels", login, time, ConnectAsync, () => _sessions!.Review());
        _sessions = new(() => [_node], static _ => null, options.Logger);
        _sessions.Join(new SwitchSession(_master, switched));
    }

    internal void Start() => _node.Start();

    internal void Sweep() => _node.Sweep();

    /// <summary>A link to the master.</summary>
    internal async Task<RedisLink> ConnectToMasterAsync(Func<DnsEndPoint, CancellationToken, Task<RedisLink>> connect, CancellationToken cancellationToken)
    {
        var sentinel = await _node.NextLinkAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var master = await FindAsync(sentinel, cancellationToken).ConfigureAwait(false);
            var link = await connect(master, cancellationToken).ConfigureAwait(false);
            if (link.Greeting.IsMaster) return link;
            var demoted = new RedisConnectionException($"{master.Host}:{master.Port} is not the master any more.");
            link.Break(demoted);
            throw demoted;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            sentinel.Break(error); // So that another is asked next.
            throw;
        }
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private async Task<RedisLink> ConnectAsync(CancellationToken cancellationToken)
    {
        var link = await _seeds.ConnectAsync(cancellationToken).ConfigureAwait(false);
        await link.OrBreakAsync(_sessions.BeginAsync(link, cancellationToken), _timeout).ConfigureAwait(false);
        return link;
    }

    private async Task<DnsEndPoint> FindAsync(RedisLink sentinel, CancellationToken cancellationToken)
    {
        var question = new WordsCommand<DnsEndPoint?>(["SENTINEL"u8.ToArray(), "GET-MASTER-ADDR-BY-NAME"u8.ToArray(), Encoding.UTF8.GetBytes(_master)], Address);
        await sentinel.SendAsync(question, cancellationToken).ConfigureAwait(false);
        return question.Result ?? throw new RedisConnectionException($"The sentinel at {sentinel.Server.Host}:{sentinel.Server.Port} knows no master called '{_master}'.");
    }

    private static DnsEndPoint? Address(ref RespReader reader)
    {
        if (reader.Kind == RespKind.Null) return null;
        if (reader.Kind != RespKind.Array || reader.Count != 2) throw reader.Unexpected("a master's address");
        reader.Next();
        string host = reader.Text;
        reader.Next();
        return EndPointOf(host, reader.Text);
    }

    private static DnsEndPoint? EndPointOf(string host, string port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 65_535 && host.Length > 0 ? new(host, number) : null;

    private sealed class SwitchSession(string master, Action<DnsEndPoint> switched) : RedisSession
    {
        protected override void Opened()
        {
        }

        protected override void Closed()
        {
        }

        // "mymaster old-host old-port new-host new-port"
        protected override void Pushed(RedisLink link, string kind, int count, ref RespReader reader)
        {
            if (kind != "message" || count != 2) return;
            reader.Next();
            if (!reader.Bytes.SequenceEqual("+switch-master"u8)) return;
            reader.Next();
            if (reader.Text.Split(' ') is [var name, _, _, var host, var port] && name == master && EndPointOf(host, port) is { } next) switched(next);
        }

        protected override Task BeginAsync(RedisLink link, CancellationToken cancellationToken) => link.SubscribeAsync("+switch-master"u8.ToArray(), cancellationToken).AsTask();
    }
}
