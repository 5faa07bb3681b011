using System.Net;
using System.Runtime.CompilerServices;
using Larder.Redis.Connection;

namespace Larder.Redis.Topology;

/// <summary>A cluster: each command goes to the node that owns its slot, and follows where nodes send it.</summary>
/// <remarks>
/// Who owns what is asked again when a node says that it has changed, when a node is away, and now and then; one question at a time, and never more often than every
/// <see cref="_betweenQuestions"/>.
/// </remarks>
internal sealed class RedisCluster : IAsyncDisposable
{
    private const int MostRedirections = 5;
    private const int LongestRest = 160; // Milliseconds, between two attempts while the cluster puts itself in order.

    private static readonly TimeSpan _betweenQuestions = TimeSpan.FromMilliseconds(100);

    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly Sessions _sessions;
    private readonly Func<RedisLink?> _entry;
    private readonly ClusterNodes _nodes;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously); // Guarded by _gate. Completed when the map is to be asked for again.
    private RedisNode? _knows; // Guarded by _gate. Who is asked next, if anybody in particular.
    private int _turn; // The questioner's own.
    private Task _work = Task.CompletedTask; // Written once, by StartAsync.

    /// <summary>Describes a cluster.</summary>
    /// <param name="options">How its nodes are spoken to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="sessions">Who listens to all nodes.</param>
    /// <param name="connect">Makes a link to a node.</param>
    /// <param name="entry">The link by which the cluster was found, if it still stands.</param>
    internal RedisCluster(RedisOptions options, TimeProvider time, Sessions sessions, Func<DnsEndPoint, CancellationToken, Task<RedisLink>> connect, Func<RedisLink?> entry)
    {
        (_options, _time, _sessions, _entry) = (options, time, sessions, entry);
        _nodes = new(options, time, sessions, connect, Changed);
    }

    internal ClusterNodes Nodes => _nodes;

    /// <summary>Begins, with what the first link says. Ends when every node has a link or could not be reached, and does not wait long for one that does not answer.</summary>
    internal async Task StartAsync(RedisLink link, CancellationToken cancellationToken)
    {
        await LearnAsync(link, cancellationToken).ConfigureAwait(false);
        _work = WorkAsync();
        var linked = (Task)Task.WhenAll(_nodes.All.Select(node => node.LinkAsync(cancellationToken).AsTask()));
        await linked.WaitAsync(_options.ConnectTimeout / 2, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Asks a node whose each slot is.</summary>
    internal async Task LearnAsync(RedisLink link, CancellationToken cancellationToken)
    {
        var question = new WordsCommand<IReadOnlyList<SlotRange>>(["CLUSTER"u8.ToArray(), "SLOTS"u8.ToArray()], (ref reader) => SlotRange.Read(ref reader, link.Server));
        await link.SendAsync(question, cancellationToken).ConfigureAwait(false);
        _nodes.Replace(question.Result!);
    }

    /// <summary>Sends a command. Ends when it is answered.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask SendAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        int slot = command.Slot, redirections = 0, rests = 0;
        long began = _time.GetTimestamp();
        var node = _nodes.OwnerOf(slot);
        bool isAsking = false;
        while (true)
        {
            if (node is null) throw Unowned(slot);
            Redirection? refusal;
            try
            {
                await node.SendAsync(command, cancellationToken, isAsking).ConfigureAwait(false);
                return;
            }
            catch (RedisException error)
            {
                // It was not done, so it may be sent again: but neither for ever nor in circles.
                refusal = Redirection.Of(error.Message, node.Address!);
                bool isLast = refusal is null || (refusal.To is not null && redirections++ == MostRedirections) || (command.IsDivisible && error.Message.StartsWith("TRYAGAIN", StringComparison.Ordinal));
                if (isLast || _time.GetElapsedTime(began) >= _options.CommandTimeout) throw;
            }

            command.Renew();
            isAsking = refusal!.Kind == RedirectionKind.Ask;
            if (refusal.To is { } address)
            {
                node = _nodes.Named(address, isAsking ? null : slot);
                if (!isAsking) Want(node);
                continue;
            }

            Want(null);
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(5 << Math.Min(rests++, 5), LongestRest)), _time, cancellationToken).ConfigureAwait(false);
            node = _nodes.OwnerOf(slot);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _nodes.DisposeAsync().ConfigureAwait(false);
    }

    private RedisConnectionException Unowned(int slot)
    {
        Want(null);
        return new($"No node of the cluster serves slot {slot} at present.");
    }

    private void Changed(RedisNode node)
    {
        _sessions.Review();
        if (node.Link is null) Want(null);
    }

    private void Want(RedisNode? knows)
    {
        lock (_gate)
        {
            _knows = knows ?? _knows;
            _wanted.TrySetResult();
        }
    }

    // Never throws.
    private async Task WorkAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!_closing.IsCancellationRequested)
        {
            Task wanted;
            lock (_gate) wanted = _wanted.Task;
            bool isWhole = _nodes.All.All(static node => node.Link is not null);
            await wanted.WaitAsync(isWhole ? _options.LinkTimeout : _options.LinkTimeout / 10, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            RedisLink? link;
            lock (_gate)
            {
                _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
                link = _knows?.Link ?? InTurn();
                _knows = null;
            }

            if (link is not null) await LearnAsync(link, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(_betweenQuestions, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Not always the same: one that is cut off from the others knows nothing new.
    private RedisLink? InTurn()
    {
        RedisLink[] links = [.. _nodes.All.Select(static node => node.Link).Append(_entry()).OfType<RedisLink>()];
        return links.Length == 0 ? null : links[_turn++ % links.Length];
    }
}
