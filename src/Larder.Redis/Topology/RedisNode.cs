using System.Net;
using Larder.Observability;
using Larder.Redis.Connection;
using Larder.Resilience;

namespace Larder.Redis.Topology;

/// <summary>A server with which a link is kept: a broken one is made anew by itself.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<CancellationToken, Task<RedisLink>> _connect;
    private readonly Action _changed;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private volatile RedisLink? _link; // Written under _gate. Null while there is none.
    private TaskCompletionSource<RedisLink> _next = NewSource<RedisLink>(); // Guarded by _gate. Completed when there is a link; fails with each attempt.
    private TaskCompletionSource<bool> _hurry = NewSource<bool>(); // Guarded by _gate. Ends the wait before the next attempt.
    private Exception? _failure; // Guarded by _gate. Why there is none, after an attempt.
    private Task _work = Task.CompletedTask; // Written once, by Start.

    /// <summary>Describes a server.</summary>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="options">How it is spoken to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="connect">Makes a link, on which everything has been said that is to be said first.</param>
    /// <param name="changed">Is called when there is a link, when there is none any more, and when none could be made. Never throws.</param>
    internal RedisNode(string name, RedisOptions options, TimeProvider time, Func<CancellationToken, Task<RedisLink>> connect, Action changed) =>
        (Name, _options, _time, _connect, _changed) = (name, options, time, connect, changed);

    internal string Name { get; }

    /// <summary>Where it is, if it is always in the same place.</summary>
    internal DnsEndPoint? Address { get; init; }

    /// <summary>The link, if there is one this moment.</summary>
    internal RedisLink? Link => _link;

    /// <summary>Whether there is no link, and an attempt to make one has failed or the last one broke.</summary>
    internal bool IsAway { get { lock (_gate) return _link is null && _failure is not null; } }

    /// <summary>Begins to connect, and goes on trying. To be called once.</summary>
    internal void Start() => _work = WorkAsync();

    /// <summary>Sends a command. Ends when it is answered.</summary>
    internal ValueTask SendAsync(RedisCommand command, CancellationToken cancellationToken, bool isAsking = false) =>
        _link is { } link ? link.SendAsync(command, cancellationToken, isAsking) : SendWhenLinkedAsync(command, isAsking, cancellationToken);

    /// <summary>The link, or the one that the first attempt makes. Throws if there is none after that.</summary>
    internal async ValueTask<RedisLink> LinkAsync(CancellationToken cancellationToken)
    {
        Task<RedisLink> next;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(RedisClient));
            if (_failure is { } failure) throw Unlinked(failure);
            next = _next.Task;
        }

        return await next.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same, for no longer than a command may take.</summary>
    internal Task<RedisLink> LinkSoonAsync(CancellationToken cancellationToken) => LinkAsync(cancellationToken).AsTask().WaitAsync(_options.CommandTimeout, _time, CancellationToken.None);

    /// <summary>The link, or the one that the attempt under way or the next makes.</summary>
    internal Task<RedisLink> NextLinkAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return _next.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Tries again now, if it waits.</summary>
    internal void Hurry()
    {
        lock (_gate) _hurry.TrySetResult(true);
    }

    internal void Sweep() => _link?.Sweep(_options.CommandTimeout, _options.LinkTimeout);

    /// <summary>Closes the link. What waits for an answer fails.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested) return;
        await _closing.CancelAsync().ConfigureAwait(false);
        _link?.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate) Fail(_next, new ObjectDisposedException(nameof(RedisClient)));
    }

    private async ValueTask SendWhenLinkedAsync(RedisCommand command, bool isAsking, CancellationToken cancellationToken)
    {
        var link = await LinkSoonAsync(cancellationToken).ConfigureAwait(false);
        await link.SendAsync(command, cancellationToken, isAsking).ConfigureAwait(false);
    }

    // Makes a link, waits until it breaks, and makes another. Never throws.
    private async Task WorkAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var backoff = new Backoff(_options.Reconnect, new Random());
        var losses = new LogLimit(_time);
        int failures = 0;
        while (!_closing.IsCancellationRequested)
        {
            Task hurry;
            lock (_gate) hurry = (_hurry = NewSource<bool>()).Task;
            try
            {
                var link = await _connect(_closing.Token).ConfigureAwait(false);
                failures = 0;
                Open(link);
                var reason = await link.Broken.ConfigureAwait(false);
                Close(reason);
                if (!_closing.IsCancellationRequested && losses.MaySay()) Log.LinkLost(_options.Logger, Name, reason);
            }
            catch (Exception error)
            {
                Refuse(error);
                if (++failures == 1 && !_closing.IsCancellationRequested) Log.ConnectFailed(_options.Logger, Name, error);
            }

            await hurry.WaitAsync(backoff.Delay(Math.Max(1, failures)), _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Open(RedisLink link)
    {
        lock (_gate)
        {
            (_link, _failure) = (link, null);
            _next.TrySetResult(link);
        }

        if (_closing.IsCancellationRequested) link.Dispose();
        _changed();
    }

    private void Close(Exception reason)
    {
        lock (_gate)
        {
            (_link, _failure) = (null, reason);
            _next = NewSource<RedisLink>();
        }

        _changed();
    }

    // Whoever waits for the attempt is told.
    private void Refuse(Exception error)
    {
        lock (_gate)
        {
            _failure = error;
            Fail(_next, Unlinked(error));
            _next = NewSource<RedisLink>();
        }

        _changed();
    }

    private Exception Unlinked(Exception failure) => failure is RedisException
        ? new RedisException(failure.Message, failure)
        : new RedisConnectionException($"There is no link to {Name}: {failure.Message}", failure);

    private static void Fail(TaskCompletionSource<RedisLink> source, Exception error)
    {
        source.TrySetException(error);
        _ = source.Task.Exception; // Looked at, for perhaps nobody waits.
    }

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
