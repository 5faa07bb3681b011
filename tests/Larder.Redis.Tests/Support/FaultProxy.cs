using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Larder.Redis.Protocol;

namespace Larder.Redis.Tests.Support;

/// <summary>Stands between a client and a server, and does to their bytes what networks do.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<Socket, Socket> _pairs = new();
    private int _corrupted;

    public FaultProxy(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether bytes vanish, in both directions, while the links stay open.</summary>
    public bool Swallows { get; set; }

    /// <summary>Whether what the server says vanishes.</summary>
    public bool SwallowsAnswers { get; set; }

    /// <summary>Whether what the client says vanishes.</summary>
    public bool SwallowsRequests { get; set; }

    /// <summary>How long what the server says is held up.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>How long what the client says is held up.</summary>
    public TimeSpan RequestDelay { get; set; }

    /// <summary>After so many more bytes of the server's the link is cut; below zero, never.</summary>
    public int CutsAfter { get; set; } = -1;

    /// <summary>
    /// Whether a byte anywhere in the server's next answer of several values is turned into another: a type, a length, a number, or of a value, which has a checksum. Bytes of
    /// the keys in pushes are not: against that only encryption helps.
    /// </summary>
    public bool Corrupts { get; set; }

    /// <summary>How many bytes were.</summary>
    public int Corrupted => Volatile.Read(ref _corrupted);

    /// <summary>Begins to do something that networks do.</summary>
    public void Misbehave(Random random)
    {
        switch (random.Next(9))
        {
            case 0: Cut(); break;
            case 1: CutsAfter = random.Next(2000); break;
            case 2: Corrupts = true; break;
            case 3: Swallows = true; break;
            case 4: SwallowsAnswers = true; break;
            case 5: SwallowsRequests = true; break;
            case 6: Delay = TimeSpan.FromMilliseconds(random.Next(20)); break;
            case 7: RequestDelay = TimeSpan.FromMilliseconds(random.Next(20)); break;
            default: RequestDelay = TimeSpan.FromMilliseconds(random.Next(800)); break;
        }
    }

    /// <summary>Does nothing any more to what comes.</summary>
    public void Behave() => (Swallows, SwallowsAnswers, SwallowsRequests, Delay, RequestDelay, CutsAfter, Corrupts) = (false, false, false, TimeSpan.Zero, TimeSpan.Zero, -1, false);

    /// <summary>Cuts all links.</summary>
    public void Cut()
    {
        foreach (var (one, other) in _pairs)
        {
            one.Dispose();
            other.Dispose();
        }

        _pairs.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        Cut();
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_closing.Token);
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                try
                {
                    await server.ConnectAsync(IPAddress.Loopback, _target, _closing.Token);
                }
                catch (SocketException)
                {
                    client.Dispose();
                    continue;
                }

                _pairs[client] = server;
                _ = CarryAsync(client, server, isAnswer: false);
                _ = CarryAsync(server, client, isAnswer: true);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    // What is not whole goes on behind the end; and what looks like an answer may be the middle of a value.
    private static int AnswerLength(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return RespFrames.Measure(bytes, RespLimits.Default, out _) is var length and > 0 ? length : bytes.Length;
        }
        catch (RespException)
        {
            return 1;
        }
    }

    private async Task CarryAsync(Socket from, Socket to, bool isAnswer)
    {
        byte[] buffer = new byte[4096];
        bool isDead = false; // A stream that has lost bytes never goes on behind them: that much networks promise.
        try
        {
            while (await from.ReceiveAsync(buffer, _closing.Token) is var count and > 0)
            {
                isDead |= Swallows || (isAnswer ? SwallowsAnswers : SwallowsRequests);
                if (isDead) continue;
                var delay = isAnswer ? Delay : RequestDelay;
                if (delay > TimeSpan.Zero) await Task.Delay(delay, _closing.Token);
                if (isAnswer && Corrupts && buffer[0] == '*')
                {
                    Corrupts = false;
                    buffer[Random.Shared.Next(AnswerLength(buffer.AsSpan(0, count)))] ^= (byte)(1 << Random.Shared.Next(8));
                    Interlocked.Increment(ref _corrupted);
                }

                if (isAnswer && CutsAfter >= 0)
                {
                    int carried = Math.Min(count, CutsAfter);
                    CutsAfter -= carried;
                    await to.SendAsync(buffer.AsMemory(0, carried), _closing.Token);
                    if (carried < count) break;
                    continue;
                }

                await to.SendAsync(buffer.AsMemory(0, count), _closing.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Cut.
        }

        from.Dispose();
        to.Dispose();
    }
}
