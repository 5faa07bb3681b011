using System.Net;
using Larder.Redis.Protocol;
using Larder.Tiers;

namespace Larder.Redis.Connection;

/// <summary>One socket: what callers send goes out together, answers come back in the same order, pushes are handed on as they come.</summary>
/// <remarks>
/// Invariant: the commands in <see cref="_unanswered"/> are those whose bytes were put into <see cref="_outgoing"/>, in that order, and whose answers have not come.
/// A push is handed on before the answer behind it is: what a caller learns is never older than what was invalidated before.
/// </remarks>
internal sealed class RedisLink : IDisposable
{
    private const int SmallestBuffer = 16 << 10;

    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly Action<RedisLink, ReadOnlyMemory<byte>> _pushed;
    private readonly RedisMeter _meter;
    private readonly Lock _gate = new();
    private readonly Queue<RedisCommand> _unanswered = new(); // Guarded by _gate.
    private readonly TaskCompletionSource<Exception> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PooledBuffer _outgoing = new(); // Guarded by _gate.
    private PooledBuffer _going = new(); // The flusher's own.
    private bool _isFlushing; // Guarded by _gate.
    private Exception? _fault; // Guarded by _gate.
    private long _heard; // When something last came.

    internal RedisLink(Stream stream, DnsEndPoint server, TimeProvider time, Action<RedisLink, ReadOnlyMemory<byte>> pushed)
    {
        (_stream, Server, _time, _pushed, _meter) = (stream, server, time, pushed, new(server.Host, server.Port));
        _heard = time.GetTimestamp();
        _ = ReadAsync();
    }

    /// <summary>Where it leads.</summary>
    internal DnsEndPoint Server { get; }

    /// <summary>What the server has said of itself.</summary>
    internal Greeting Greeting { get; set; } = new("", "");

    /// <summary>Whether a server that does not take writes any more is of no use: then the link is broken off, and the master is looked for.</summary>
    internal bool MustWrite { get; set; }

    /// <summary>Ends, with the reason, when the link is broken.</summary>
    internal Task<Exception> Broken => _broken.Task;

    /// <summary>Sends a command, behind those sent before. Ends when it is answered.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="isAsking">Whether the key's slot is on its way to this node of a cluster.</param>
    internal ValueTask SendAsync(RedisCommand command, CancellationToken cancellationToken, bool isAsking = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool flushes;
        lock (_gate)
        {
            if (_fault is not null) throw new RedisConnectionException($"The link to the server is broken: {_fault.Message}", _fault);

            // It holds for the one command behind it, or the whole of a transaction.
            if (isAsking) PutLocked(new WordsCommand<bool>(["ASKING"u8.ToArray()], static (ref _) => true));
            PutLocked(command);
            flushes = !_isFlushing;
            _isFlushing = true;
        }

        // From the pool, so that what others send meanwhile goes out with it.
        if (flushes) ThreadPool.UnsafeQueueUserWorkItem(static link => _ = link.FlushAsync(), this, preferLocal: false);
        return command.Answered(cancellationToken);
    }

    /// <summary>Sends what is not answered in anybody's turn.</summary>
    internal void Send(Unanswered command)
    {
        lock (_gate) command.Write(_outgoing); // It goes out with the next command, which follows.
    }

    /// <summary>Listens to a channel.</summary>
    internal ValueTask SubscribeAsync(ReadOnlyMemory<byte> channel, CancellationToken cancellationToken)
    {
        // Its answer is a push; so there is none to wait for, but what is sent behind it is answered later.
        Send(new Unanswered(["SUBSCRIBE"u8.ToArray(), channel]));
        return SendAsync(new WordsCommand<bool>(["PING"u8.ToArray()], static (ref _) => true), cancellationToken);
    }

    /// <summary>Waits for what must be done on it; if that fails, or takes too long, so does the link.</summary>
    internal async Task OrBreakAsync(Task done, TimeSpan within)
    {
        try
        {
            await done.WaitAsync(within, _time).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Break(error);
            throw;
        }
    }

    /// <summary>Ends commands whose time is over, and breaks a link that is silent for too long. To be called now and then.</summary>
    internal void Sweep(TimeSpan commandTimeout, TimeSpan linkTimeout)
    {
        List<RedisCommand>? late = null;
        bool isSilent, isIdle;
        lock (_gate)
        {
            // Not only the first: who was sent here by another node has waited there too.
            long now = _time.GetTimestamp();
            foreach (var command in _unanswered)
                if (_time.GetElapsedTime(command.Began, now) >= commandTimeout && !command.HasEnded) (late ??= []).Add(command);

            var silence = _time.GetElapsedTime(Volatile.Read(ref _heard));
            isSilent = _unanswered.Count > 0 && silence >= linkTimeout && _time.GetElapsedTime(_unanswered.Peek().Sent) >= linkTimeout / 2;
            isIdle = _unanswered.Count == 0 && silence >= linkTimeout / 3 && _fault is null;
        }

        foreach (var command in late ?? []) command.Fail(new TimeoutException($"The server has not answered within {commandTimeout}."));
        if (isSilent) Break(new RedisConnectionException($"The server has given no sign of life for {linkTimeout}."));
        else if (isIdle) _ = PingAsync();
    }

    /// <summary>Ends the link. Everything that waits for an answer fails.</summary>
    internal void Break(Exception reason)
    {
        RedisCommand[] lost;
        lock (_gate)
        {
            if (_fault is not null) return;
            _fault = reason;
            lost = [.. _unanswered];
            _unanswered.Clear();
        }

        foreach (var command in lost) command.Fail(new RedisConnectionException($"The link broke before the server answered; nobody knows whether it has done what it was asked: {reason.Message}", reason));
        _stream.Dispose();
        _broken.TrySetResult(reason);
    }

    public void Dispose() => Break(new ObjectDisposedException(nameof(RedisClient)));

    private void PutLocked(RedisCommand command)
    {
        command.Sent = _time.GetTimestamp();
        if (command.Began == 0) command.Began = command.Sent;
        command.Awaited = command.Answers;
        command.Write(_outgoing);
        _unanswered.Enqueue(command);
    }

    private async Task PingAsync()
    {
        try
        {
            var ping = new WordsCommand<bool>(["PING"u8.ToArray()], static (ref _) => true);
            await SendAsync(ping, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or RedisException or TimeoutException or ObjectDisposedException)
        {
            // The link breaks, or the sweep breaks it.
        }
    }

    private async Task FlushAsync()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_outgoing.Length == 0 || _fault is not null)
                    {
                        _isFlushing = false;
                        return;
                    }

                    (_outgoing, _going) = (_going, _outgoing);
                }

                await _stream.WriteAsync(_going.Written).ConfigureAwait(false);
                _going.Clear();
            }
        }
        catch (Exception error)
        {
            Break(error);
        }
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[SmallestBuffer];
        int filled = 0, needed = 1;
        try
        {
            while (true)
            {
                // It grows with what has come, never at once to what an answer promises.
                if (filled == buffer.Length) Array.Resize(ref buffer, Math.Max(buffer.Length, (int)Math.Min(Array.MaxLength, 2L * buffer.Length)));
                int count = await _stream.ReadAsync(buffer.AsMemory(filled)).ConfigureAwait(false);
                if (count == 0) throw new EndOfStreamException("The server has closed the link.");
                filled += count;
                Volatile.Write(ref _heard, _time.GetTimestamp());
                if (filled < needed) continue;
                int used = Take(buffer.AsMemory(0, filled), out needed);
                buffer.AsSpan(used, filled - used).CopyTo(buffer);
                filled -= used;
                needed -= used;
                if (filled == 0 && buffer.Length > 16 * SmallestBuffer) buffer = new byte[SmallestBuffer];
            }
        }
        catch (Exception error)
        {
            Break(error);
        }
    }

    // Hands on every whole answer. Returns how many bytes these were.
    private int Take(ReadOnlyMemory<byte> bytes, out int needed)
    {
        int at = 0;
        while (true)
        {
            needed = at + 1;
            if (at == bytes.Length) return at;
            int length = RespFrames.Measure(bytes.Span[at..], RespLimits.Default, out int more);
            if (length == 0)
            {
                needed = at + more;
                return at;
            }

            var frame = bytes.Slice(at, length);
            at += length;
            if ((RespKind)frame.Span[0] == RespKind.Push)
            {
                _pushed(this, frame);
                continue;
            }

            RedisCommand? command;
            bool isLast;
            lock (_gate)
            {
                if (!_unanswered.TryPeek(out command)) throw _fault ?? new RespException("The server answered what nobody had asked.");
                isLast = --command.Awaited == 0;
                if (isLast) _unanswered.Dequeue();
            }

            if (isLast) _meter.Add(_time, command.Sent);
            command.Answer(frame.Span, isLast);
            if (MustWrite && frame.Span.StartsWith("-READONLY"u8)) throw new RedisConnectionException("The server has become a replica.");
        }
    }
}
