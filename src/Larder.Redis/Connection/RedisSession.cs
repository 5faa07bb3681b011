using System.Runtime.CompilerServices;
using Larder.Redis.Protocol;

namespace Larder.Redis.Connection;

/// <summary>What somebody wants told to every link at its beginning, and hear from it.</summary>
internal abstract class RedisSession
{
    private readonly Lock _gate = new();
    private readonly Lock _turn = new(); // One call of the members that hear at a time, though several links speak at once.
    private readonly ConditionalWeakTable<RedisLink, Task> _beginnings = []; // Guarded by _gate.
    private RedisLink? _main; // Guarded by _turn.

    /// <summary>The slot of a cluster whose owner tells this session best.</summary>
    internal virtual int Slot => 0;

    /// <summary>Whether the link has been told, or is being told, or could not be.</summary>
    internal bool IsTold(RedisLink link)
    {
        lock (_gate) return _beginnings.TryGetValue(link, out _);
    }

    /// <summary>Whether the link has been told.</summary>
    internal bool HasBegunOn(RedisLink link)
    {
        lock (_gate) return _beginnings.TryGetValue(link, out var beginning) && beginning.IsCompletedSuccessfully;
    }

    /// <summary>Tells the link, once; whoever comes meanwhile waits for it.</summary>
    internal Task BeginOnceAsync(RedisLink link, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_beginnings.TryGetValue(link, out var beginning) && !beginning.IsFaulted && !beginning.IsCanceled) return beginning;
            beginning = BeginAsync(link, cancellationToken);
            _beginnings.AddOrUpdate(link, beginning);
            return beginning;
        }
    }

    /// <summary>Says whether everything is heard.</summary>
    /// <param name="main">Null if not; else the link that is <see cref="Main"/>, until something is not heard any more.</param>
    internal void Tell(RedisLink? main)
    {
        lock (_turn)
        {
            if (main is null)
            {
                _main = null;
                Closed();
                return;
            }

            _main ??= main;
            Opened();
        }
    }

    /// <summary>This client itself has changed a key, which the server does not tell it of, and so perhaps not of the next change either.</summary>
    internal virtual void Changed(ReadOnlySpan<byte> key)
    {
    }

    /// <summary>Does something while none of the members that hear is called.</summary>
    protected void InTurn(Action work)
    {
        lock (_turn) work();
    }

    /// <summary>Hands on what a server says of its own.</summary>
    internal void Hear(RedisLink link, string kind, int count, ref RespReader reader)
    {
        lock (_turn) Pushed(link, kind, count, ref reader);
    }

    /// <summary>
    /// The one of the links whose messages count, where every node of a cluster passes on the same: they come there in their order and once. Null while not everything is heard.
    /// </summary>
    protected RedisLink? Main => _main;

    /// <summary>Every link has been told and is in use. Told again, it changes nothing. One call at a time, as of <see cref="Closed"/> and <see cref="Pushed"/>.</summary>
    protected abstract void Opened();

    /// <summary>A link is broken, or there is one more that has not been told. Told again, it changes nothing.</summary>
    protected abstract void Closed();

    /// <summary>Tells the link.</summary>
    protected abstract Task BeginAsync(RedisLink link, CancellationToken cancellationToken);

    protected static async Task SayAsync(RedisLink link, CancellationToken cancellationToken, params IReadOnlyList<ReadOnlyMemory<byte>> words) =>
        await link.SendAsync(new WordsCommand<bool>(words, static (ref _) => true), cancellationToken).ConfigureAwait(false);

    /// <summary>A server says something of its own. Returns soon.</summary>
    /// <param name="link">Over which link.</param>
    /// <param name="kind">What it is about.</param>
    /// <param name="count">How many values follow.</param>
    /// <param name="reader">Stands before the first of them.</param>
    protected abstract void Pushed(RedisLink link, string kind, int count, ref RespReader reader);
}
