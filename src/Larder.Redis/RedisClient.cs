using System.Net;
using Larder.Redis.Connection;
using Larder.Redis.Topology;

namespace Larder;

/// <summary>
/// A server, a cluster, or whichever server sentinels say is the master; over one link to each node that everybody shares: what many send at the same time goes out together. A broken
/// link is made anew by itself.
/// </summary>
/// <remarks>A cluster is recognised by what the first server that answers says of itself.</remarks>
/// <example><code>
/// await using var redis = await RedisClient.ConnectAsync(RedisOptions.Parse("localhost:6379"));
/// var tier = new RedisTier(redis, "users");
/// </code></example>
public sealed class RedisClient : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly Sessions _sessions;
    private readonly Seeds _seeds;
    private readonly Sentinels? _sentinels;
    private readonly RedisNode _entry; // The server; of a cluster, the node that was found first, which is spoken to through a link of its own.
    private readonly RedisNode[] _alone;
    private readonly ITimer _sweeper;
    private volatile RedisCluster? _cluster; // Written before the first link to a cluster is in use, and then never again.
    private int _isDisposed; // Interlocked.

    /// <summary>Begins to connect, and goes on trying. Calls wait for the first attempt.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    public RedisClient(RedisOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        _options = options;
        _time = timeProvider ?? TimeProvider.System;
        _sessions = new(() => Nodes, slot => _cluster?.Nodes.OwnerOf(slot), options.Logger);
        _seeds = new(KnownServers, GreetAsync, Refusal);
        _sentinels = options.Sentinel is null ? null : new(options, _time, Switched);
        _entry = new(options.Sentinel is { } sentinel ? $"the master '{sentinel.Master}'" : string.Join(" or ", options.Servers.Select(static server => $"{server.Host}:{server.Port}")),
            options, _time, ConnectAsync, _sessions.Review);
        _alone = [_entry];
        var period = TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond * 10, Math.Min(options.CommandTimeout.Ticks, options.LinkTimeout.Ticks) / 5));
        _sweeper = _time.CreateTimer(static state => ((RedisClient)state!).Sweep(), this, period, period);
        _sentinels?.Start();
        _entry.Start();
    }

    /// <summary>Connects. Of a cluster, one node at least.</summary>
    /// <exception cref="RedisConnectionException">The first attempt failed.</exception>
    /// <exception cref="RedisException">The server refused the login.</exception>
    public static async ValueTask<RedisClient> ConnectAsync(RedisOptions options, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        var client = new RedisClient(options, timeProvider);
        try
        {
            await client._entry.LinkAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether there is a link this moment: in a cluster, to every node that owns a part of it.</summary>
    public bool IsConnected => Nodes is { Count: > 0 } nodes && nodes.All(static node => node.Link is not null);

    internal RedisOptions Options => _options;

    internal TimeProvider Time => _time;

    /// <summary>Whether servers tell of the keys alone that this client has read.</summary>
    internal bool TracksKeys => _options.Tracking == RedisTracking.ByKey;

    /// <summary>Whether it is known that there is one server, so that whatever is sent may be sent together.</summary>
    internal bool IsOneServer => _cluster is null && _entry.Link is not null;

    internal bool IsCluster => _cluster is not null;

    /// <summary>The servers among which the keys lie.</summary>
    internal IReadOnlyList<RedisNode> Nodes => _cluster?.Nodes.All ?? _alone;

    /// <summary>Whether this is a cluster, and one of its nodes at least can be spoken to.</summary>
    internal bool IsPartlyLinked => _cluster is { } cluster && cluster.Nodes.All.Any(static node => node.Link is not null);

    /// <summary>Whether there is a link this moment to whoever has this slot.</summary>
    internal bool IsReachable(int slot) => LinkOf(slot) is not null;

    /// <summary>The link there is this moment to whoever has this slot.</summary>
    internal RedisLink? LinkOf(int slot) => (_cluster is { } cluster ? cluster.Nodes.OwnerOf(slot) : _entry)?.Link;

    /// <summary>Sends a command to where its keys are. Ends when it is answered.</summary>
    internal ValueTask SendAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        if (_cluster is { } cluster) return cluster.SendAsync(command, cancellationToken);
        return _entry.Link is { } link ? link.SendAsync(command, cancellationToken) : SendWhenLinkedAsync(command, cancellationToken);
    }

    /// <summary>Sends a command of some words, and reads its answer.</summary>
    internal async ValueTask<T> SendAsync<T>(RespParser<T> parse, CancellationToken cancellationToken, params IReadOnlyList<ReadOnlyMemory<byte>> words)
    {
        var command = new WordsCommand<T>(words, parse);
        await SendAsync(command, cancellationToken).ConfigureAwait(false);
        return command.Result!;
    }

    /// <summary>What of a batch may be sent together.</summary>
    internal async ValueTask<IReadOnlyList<SlotPart<T>>> PartAsync<T>(IReadOnlyList<T> batch, Func<T, int> slot, CancellationToken cancellationToken)
    {
        await KnowAsync(cancellationToken).ConfigureAwait(false);
        return _cluster is null ? [new(SlotPart.Anywhere, batch)] : [.. batch.GroupBy(slot).Select(static part => new SlotPart<T>(part.Key, [.. part]))];
    }

    /// <summary>Ends when it is known whether there is one server or a cluster. Throws if none could be reached.</summary>
    internal ValueTask KnowAsync(CancellationToken cancellationToken) =>
        _cluster is not null || _entry.Link is not null ? default : new(_entry.LinkSoonAsync(cancellationToken));

    /// <summary>Has every link, those there are and those to come, told something at its beginning, and hears its pushes.</summary>
    internal async ValueTask JoinAsync(RedisSession session, CancellationToken cancellationToken)
    {
        _sessions.Join(session);
        if (_cluster is null) await _entry.LinkAsync(cancellationToken).ConfigureAwait(false);
        await _sessions.BeginAsync(session, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says that this client itself has changed a key that somebody may listen for.</summary>
    internal void Changed(ReadOnlySpan<byte> key) => _sessions.Changed(key);

    internal void Leave(RedisSession session) => _sessions.Leave(session);

    /// <summary>Closes the links. What waits for an answer fails.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        await _entry.DisposeAsync().ConfigureAwait(false);
        if (_cluster is { } cluster) await cluster.DisposeAsync().ConfigureAwait(false);
        if (_sentinels is not null) await _sentinels.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask SendWhenLinkedAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        var link = await _entry.LinkSoonAsync(cancellationToken).ConfigureAwait(false);
        if (_cluster is { } cluster) await cluster.SendAsync(command, cancellationToken).ConfigureAwait(false);
        else await link.SendAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private void Sweep()
    {
        _entry.Sweep();
        _sentinels?.Sweep();
        foreach (var node in _cluster?.Nodes.All ?? []) node.Sweep();
    }

    private async Task<RedisLink> ConnectAsync(CancellationToken cancellationToken)
    {
        var link = await (_sentinels?.ConnectToMasterAsync(GreetAsync, cancellationToken) ?? _seeds.ConnectAsync(cancellationToken)).ConfigureAwait(false);
        await link.OrBreakAsync(BeginAsync(link, cancellationToken), _options.ConnectTimeout).ConfigureAwait(false);
        return link;
    }

    private async Task BeginAsync(RedisLink link, CancellationToken cancellationToken)
    {
        if (_cluster is { } known)
        {
            await known.LearnAsync(link, cancellationToken).ConfigureAwait(false);
        }
        else if (link.Greeting.IsCluster)
        {
            var cluster = new RedisCluster(_options, _time, _sessions, ConnectNodeAsync, () => _entry.Link);
            await cluster.StartAsync(link, cancellationToken).ConfigureAwait(false);
            _cluster = cluster;
        }
        else
        {
            link.MustWrite = _options.HasChoice;
            await _sessions.BeginAsync(link, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<RedisLink> ConnectNodeAsync(DnsEndPoint address, CancellationToken cancellationToken)
    {
        var link = await GreetAsync(address, cancellationToken).ConfigureAwait(false);
        await link.OrBreakAsync(_sessions.BeginAsync(link, cancellationToken), _options.ConnectTimeout).ConfigureAwait(false);
        return link;
    }

    private Task<RedisLink> GreetAsync(DnsEndPoint server, CancellationToken cancellationToken) =>
        new RedisHandshake(_options, server, _time, _sessions.Pushed).ConnectAsync(cancellationToken);

    // Those that were named, and those that a cluster has become.
    private IReadOnlyList<DnsEndPoint> KnownServers() => [.. _options.Servers.Union(_cluster?.Nodes.Addresses ?? [])];

    private string? Refusal(RedisLink link)
    {
        if (link.Greeting.IsSentinel) return "is a sentinel; name the master it watches (serviceName=…).";
        if (_cluster is not null && !link.Greeting.IsCluster) return "is not the cluster's any more.";
        return _options.HasChoice && !link.Greeting.IsCluster && !link.Greeting.IsMaster ? "is a replica, and takes no writes." : null;
    }

    private void Switched(DnsEndPoint master)
    {
        if (_entry.Link is { } link && !link.Server.Equals(master)) link.Break(new RedisConnectionException($"The sentinels have made {master.Host}:{master.Port} the master."));
        else _entry.Hurry();
    }
}
