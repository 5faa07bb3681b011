using Larder.Redis.Protocol;

namespace Larder.Redis.Connection;

/// <summary>Subscribes every link to one channel of messages, for one who is told of the link's coming and going.</summary>
internal abstract class ListeningSession(byte[] channel) : RedisSession
{
    private IInvalidationReceiver? _receiver;

    /// <summary>Who listens; null before anybody does.</summary>
    protected IInvalidationReceiver? Receiver => Volatile.Read(ref _receiver);

    /// <summary>Whether the link is in use. Changed by one call at a time.</summary>
    protected bool IsOpen { get; private set; }

    internal async ValueTask ListenAsync(RedisClient client, IInvalidationReceiver receiver, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (Interlocked.CompareExchange(ref _receiver, receiver, null) is not null) throw new InvalidOperationException("Somebody listens to this channel already.");
        try
        {
            await client.JoinAsync(this, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The client goes on trying, and begins the session with the next link.
            receiver.LinkLost();
        }
    }

    internal override void Opened()
    {
        if (IsOpen) return;
        IsOpen = true;
        Receiver?.LinkRestored();
    }

    internal override void Closed()
    {
        if (!IsOpen) return;
        IsOpen = false;
        Receiver?.LinkLost();
    }

    internal override void Pushed(string kind, int count, ref RespReader reader)
    {
        if (kind != "message" || count != 2) return;
        reader.Next();
        if (!reader.Bytes.SequenceEqual(channel)) return;
        reader.Next();
        Heard(reader.Bytes);
    }

    protected override Task BeginAsync(RedisLink link, CancellationToken cancellationToken) => SubscribeAsync(link, channel, cancellationToken);

    /// <summary>A message has come.</summary>
    protected abstract void Heard(ReadOnlySpan<byte> message);
}
