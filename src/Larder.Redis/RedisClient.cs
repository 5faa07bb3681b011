using Larder.Observability;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;
using Larder.Resilience;

namespace Larder;

/// <summary>A server, over one link that everybody shares: what many send at the same time goes out together. A broken link is made anew by itself.</summary>
/// <example><code>
/// await using var redis = await RedisClient.ConnectAsync(RedisOptions.Parse("localhost:6379"));
/// var tier = new RedisTier(redis, "users");
/// </code></example>
public sealed class RedisClient : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly List<RedisSession> _sessions = []; // Guarded by _gate. What each new link must be told.
    private readonly ITimer _sweeper;
    private readonly Task _work;
    private TaskCompletionSource<RedisLink> _link = new(TaskCreationOptions.RunContinuationsAsynchronously); // Guarded by _gate. Not completed while there is none.
    private Exception? _failure; // Guarded by _gate. Why there is none, after an attempt.

    /// <summary>Begins to connect, and goes on trying. Calls wait for the first attempt.</summary>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    public RedisClient(RedisOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        _options = options;
        _time = timeProvider ?? TimeProvider.System;
        var period = TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond * 10, Math.Min(options.CommandTimeout.Ticks, options.LinkTimeout.Ticks) / 5));
        _sweeper = _time.CreateTimer(static state => ((RedisClient)state!).Sweep(), this, period, period);
        _work = WorkAsync();
    }

    /// <summary>Connects.</summary>
    /// <exception cref="RedisConnectionException">The first attempt failed.</exception>
    /// <exception cref="RedisException">The server refused the login.</exception>
    public static async ValueTask<RedisClient> ConnectAsync(RedisOptions options, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        var client = new RedisClient(options, timeProvider);
        try
        {
            await client.LinkAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether there is a link this moment.</summary>
    public bool IsConnected { get { lock (_gate) return _link.Task.IsCompletedSuccessfully; } }

    internal RedisOptions Options => _options;

    internal TimeProvider Time => _time;

    /// <summary>Whether the server tells of the keys alone that this client has read.</summary>
    internal bool TracksKeys => _options.Tracking == RedisTracking.ByKey;

    /// <summary>Sends a command. Ends when it is answered.</summary>
    internal ValueTask SendAsync(RedisCommand command, CancellationToken cancellationToken) =>
        CurrentLink() is { } link ? link.SendAsync(command, cancellationToken) : SendWhenLinkedAsync(command, cancellationToken);

    /// <summary>Sends a command of some words, and reads its answer.</summary>
    internal async ValueTask<T> SendAsync<T>(RespParser<T> parse, CancellationToken cancellationToken, params IReadOnlyList<ReadOnlyMemory<byte>> words)
    {
        var command = new WordsCommand<T>(words, parse);
        await SendAsync(command, cancellationToken).ConfigureAwait(false);
        return command.Result!;
    }

    /// <summary>Has every link, this one and those to come, told something at its beginning, and hears its pushes.</summary>
    internal async ValueTask JoinAsync(RedisSession session, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_sessions.Contains(session)) _sessions.Add(session);
        }

        var link = await LinkAsync(cancellationToken).ConfigureAwait(false);
        await session.BeginOnceAsync(link, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            // Or it has broken meanwhile, and the next one opens the session.
            if (CurrentLink() == link) session.Opened();
        }
    }

    internal void Leave(RedisSession session)
    {
        lock (_gate) _sessions.Remove(session);
    }

    /// <summary>Closes the link. What waits for an answer fails.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested) return;
        await _closing.CancelAsync().ConfigureAwait(false);
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        CurrentLink()?.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate) _link.TrySetException(new ObjectDisposedException(nameof(RedisClient)));
        _ = _link.Task.Exception;
    }

    private RedisLink? CurrentLink()
    {
        var link = _link.Task;
        return link.IsCompletedSuccessfully ? link.GetAwaiter().GetResult() : null;
    }

    private async ValueTask<RedisLink> LinkAsync(CancellationToken cancellationToken)
    {
        Task<RedisLink> link;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            if (_failure is RedisException refusal) throw new RedisException(refusal.Message, refusal);
            if (_failure is not null) throw new RedisConnectionException($"There is no link to {_options.Host}:{_options.Port}: {_failure.Message}", _failure);
            link = _link.Task;
        }

        return await link.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask SendWhenLinkedAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        var link = await LinkAsync(cancellationToken).ConfigureAwait(false);
        await link.SendAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private void Sweep() => CurrentLink()?.Sweep(_options.CommandTimeout, _options.LinkTimeout);

    // Makes a link, waits until it breaks, and makes another. Never throws.
    private async Task WorkAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var backoff = new Backoff(_options.Reconnect, new Random());
        var losses = new LogLimit(_time);
        int failures = 0;
        while (!_closing.IsCancellationRequested)
        {
            RedisLink? link = null;
            try
            {
                link = await new RedisHandshake(_options, _time, Pushed).ConnectAsync(_closing.Token).ConfigureAwait(false);
                await BeginAsync(link).ConfigureAwait(false);
                failures = 0;
                Open(link);
                var reason = await link.Broken.ConfigureAwait(false);
                Close(reason);
                if (!_closing.IsCancellationRequested && losses.MaySay()) Redis.Log.LinkLost(_options.Logger, _options.Host, _options.Port, reason);
            }
            catch (Exception error)
            {
                link?.Break(error);
                Refuse(error);
                if (++failures == 1 && !_closing.IsCancellationRequested) Redis.Log.ConnectFailed(_options.Logger, _options.Host, _options.Port, error);
            }

            await Task.Delay(backoff.Delay(Math.Max(1, failures)), _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task BeginAsync(RedisLink link)
    {
        RedisSession[] sessions;
        lock (_gate) sessions = [.. _sessions];
        foreach (var session in sessions)
        {
            try
            {
                await session.BeginOnceAsync(link, _closing.Token).WaitAsync(_options.ConnectTimeout, _time).ConfigureAwait(false);
            }
            catch (RedisException error)
            {
                // The server does not have what this one needs: it stays closed, which is no reason to do without the rest.
                Redis.Log.SessionRefused(_options.Logger, _options.Host, _options.Port, error);
            }
        }
    }

    // Under the lock, so that a session is never told that a link is open after it was told that it is closed.
    private void Open(RedisLink link)
    {
        lock (_gate)
        {
            _failure = null;
            _link.TrySetResult(link);
            foreach (var session in _sessions)
                if (session.BegunOn == link) session.Opened();
        }
    }

    private void Close(Exception reason)
    {
        lock (_gate)
        {
            _failure = reason;
            _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (var session in _sessions) session.Closed();
        }
    }

    // Whoever waits for the first attempt is told.
    private void Refuse(Exception error)
    {
        lock (_gate)
        {
            _failure = error;
            if (_link.Task.IsCompleted) return;
            _link.TrySetException(error is RedisException ? error : new RedisConnectionException($"There is no link to {_options.Host}:{_options.Port}: {error.Message}", error));
            _ = _link.Task.Exception; // Looked at, for perhaps nobody waits.
            _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    // On the thread that reads answers, before the answers behind it are handed on.
    private void Pushed(ReadOnlyMemory<byte> frame)
    {
        RedisSession[] sessions;
        lock (_gate) sessions = [.. _sessions];
        foreach (var session in sessions)
        {
            var reader = new RespReader(frame.Span);
            reader.Next();
            int count = reader.Count;
            reader.Next();
            session.Pushed(reader.Text, count - 1, ref reader);
        }
    }
}
