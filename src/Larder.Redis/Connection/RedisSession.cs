using Larder.Redis.Protocol;

namespace Larder.Redis.Connection;

/// <summary>What somebody wants told to every link at its beginning, and hear from it.</summary>
internal abstract class RedisSession
{
    private readonly Lock _gate = new();
    private RedisLink? _link; // Guarded by _gate. The one that is being told, or was told last.
    private Task _beginning = Task.CompletedTask; // Guarded by _gate.

    /// <summary>The link that was told last.</summary>
    internal RedisLink? BegunOn { get { lock (_gate) return _beginning.IsCompletedSuccessfully ? _link : null; } }

    /// <summary>Tells the link, once; whoever comes meanwhile waits for it.</summary>
    internal Task BeginOnceAsync(RedisLink link, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_link != link || _beginning.IsFaulted || _beginning.IsCanceled) (_link, _beginning) = (link, BeginAsync(link, cancellationToken));
            return _beginning;
        }
    }

    /// <summary>The link that was told is in use. Told again, it changes nothing. One call at a time, as of <see cref="Closed"/>.</summary>
    internal abstract void Opened();

    /// <summary>The link is broken. Told again, it changes nothing.</summary>
    internal abstract void Closed();

    /// <summary>Tells the link.</summary>
    protected abstract Task BeginAsync(RedisLink link, CancellationToken cancellationToken);

    /// <summary>Subscribes the link to a channel of messages.</summary>
    protected static async Task SubscribeAsync(RedisLink link, byte[] channel, CancellationToken cancellationToken)
    {
        // Its answer is a push; so there is none to wait for, but what is sent behind it is answered later.
        link.Send(new Unanswered(["SUBSCRIBE"u8.ToArray(), channel]));
        await SayAsync(link, cancellationToken, "PING"u8.ToArray()).ConfigureAwait(false);
    }

    protected static async Task SayAsync(RedisLink link, CancellationToken cancellationToken, params IReadOnlyList<ReadOnlyMemory<byte>> words) =>
        await link.SendAsync(new WordsCommand<bool>(words, static (ref _) => true), cancellationToken).ConfigureAwait(false);

    /// <summary>The server says something of its own. Returns soon.</summary>
    /// <param name="kind">What it is about.</param>
    /// <param name="count">How many values follow.</param>
    /// <param name="reader">Stands before the first of them.</param>
    internal abstract void Pushed(string kind, int count, ref RespReader reader);
}
