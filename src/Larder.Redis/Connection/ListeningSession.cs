using Larder.Redis.Protocol;

namespace Larder.Redis.Connection;

/// <summary>Subscribes every link to one channel of messages, for one who is told of the links' coming and going.</summary>
internal abstract class ListeningSession(byte[] channel) : RedisSession
{
    private IInvalidationReceiver? _receiver;

    internal override int Slot { get; } = HashSlot.Of(channel);

    /// <summary>Who listens; null before anybody does.</summary>
    protected IInvalidationReceiver? Receiver => Volatile.Read(ref _receiver);

    /// <summary>Whether everything is heard. Changed by one call at a time.</summary>
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
            // The client goes on trying, and begins the session with the next link. Perhaps it has.
            InTurn(() =>
            {
                if (!IsOpen) receiver.LinkLost();
            });
        }
    }

    protected override void Opened()
    {
        if (IsOpen) return;
        IsOpen = true;
        Receiver?.LinkRestored();
    }

    protected override void Closed()
    {
        if (!IsOpen) return;
        IsOpen = false;
        Receiver?.LinkLost();
    }

    protected override void Pushed(RedisLink link, string kind, int count, ref RespReader reader)
    {
        // While not everything is heard, nothing is trusted that a message could be of.
        if (link != Main || kind != "message" || count != 2) return;
        reader.Next();
        if (!reader.Bytes.SequenceEqual(channel)) return;
        reader.Next();
        Heard(reader.Bytes);
    }

    protected override Task BeginAsync(RedisLink link, CancellationToken cancellationToken) => link.SubscribeAsync(channel, cancellationToken).AsTask();

    /// <summary>A message has come.</summary>
    protected abstract void Heard(ReadOnlySpan<byte> message);
}
