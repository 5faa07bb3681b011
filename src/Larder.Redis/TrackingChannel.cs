using System.Security.Cryptography;
using Larder.Redis;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;

namespace Larder;

/// <summary>
/// Coherence by the server itself (<c>CLIENT TRACKING</c>, broadcast by prefix): whatever any process writes to or removes from the cache's tier, the server tells all others, without
/// a message of their own. What does not go to the tier is published beside it.
/// </summary>
/// <remarks>
/// A lost link is noticed at the latest after <see cref="RedisOptions.LinkTimeout"/> and two sweeps (a fifth of it each), also if the other side has gone
/// without a word. A push that comes before an answer is heard before that answer is.
/// </remarks>
/// <example><code>Coherence = new(new TrackingChannel(redis, "users"))</code></example>
public sealed class TrackingChannel : IInvalidationChannel
{
    private const int OriginLength = 8;

    private readonly RedisClient _client;
    private readonly Session _session;
    private readonly byte[] _channel;
    private readonly byte[] _origin = RandomNumberGenerator.GetBytes(OriginLength); // Who publishes: so that nobody hears himself.

    /// <summary>Builds a channel.</summary>
    /// <param name="client">The server; it stays its owner's, and must be the one that the cache's tier writes through.</param>
    /// <param name="cacheName">The cache's name.</param>
    public TrackingChannel(RedisClient client, string cacheName)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrWhiteSpace(cacheName);
        _client = client;
        _channel = RedisNames.Channel(cacheName);
        _session = new(this, RedisNames.Prefix(cacheName), RedisNames.Generation(cacheName));
    }

    /// <inheritdoc/>
    public string Name => "redis";

    /// <inheritdoc/>
    public bool HearsTierWrites => true;

    /// <inheritdoc/>
    public async ValueTask ListenAsync(IInvalidationReceiver receiver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (Interlocked.CompareExchange(ref _session.Receiver, receiver, null) is not null) throw new InvalidOperationException("Somebody listens to this channel already.");
        try
        {
            await _client.JoinAsync(_session, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The client goes on trying, and begins the session with the next link.
            receiver.LinkLost();
        }
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(Invalidation invalidation, CancellationToken cancellationToken = default) =>
        await _client.SendAsync(static (ref _) => true, cancellationToken, ["PUBLISH"u8.ToArray(), _channel, InvalidationMessage.Write(invalidation, _origin)]).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Leave(_session);
        return default;
    }

    private sealed class Session(TrackingChannel owner, byte[] prefix, byte[] generationKey) : RedisSession
    {
        internal IInvalidationReceiver? Receiver;
        private bool _isOpen; // By one call at a time.

        protected override async Task BeginAsync(RedisLink link, CancellationToken cancellationToken)
        {
            await Say(["CLIENT"u8.ToArray(), "TRACKING"u8.ToArray(), "ON"u8.ToArray(), "BCAST"u8.ToArray(), "PREFIX"u8.ToArray(), prefix, "NOLOOP"u8.ToArray()]).ConfigureAwait(false);

            // Its answer is a push; so there is none to wait for, but what is sent behind it is answered later.
            var subscribe = new Unanswered(["SUBSCRIBE"u8.ToArray(), owner._channel]);
            link.Send(subscribe);
            await Say(["PING"u8.ToArray()]).ConfigureAwait(false);

            async ValueTask Say(IReadOnlyList<ReadOnlyMemory<byte>> words) =>
                await link.SendAsync(new WordsCommand<bool>(words, static (ref _) => true), cancellationToken).ConfigureAwait(false);
        }

        internal override void Opened()
        {
            if (_isOpen) return;
            _isOpen = true;
            Receiver?.LinkRestored();
        }

        internal override void Closed()
        {
            if (!_isOpen) return;
            _isOpen = false;
            Receiver?.LinkLost();
        }

        internal override void Pushed(string kind, int count, ref RespReader reader)
        {
            if (kind == "invalidate" && count == 1) Invalidated(ref reader);
            else if (kind == "message" && count == 2) Heard(ref reader);
        }

        private void Invalidated(ref RespReader reader)
        {
            reader.Next();
            if (reader.Kind == RespKind.Null)
            {
                Receiver?.Invalidated(Invalidation.Everything); // The server was flushed.
                return;
            }

            List<TierKey>? keys = null;
            for (int i = reader.Count; i > 0; i--)
            {
                reader.Next();
                if (!reader.Bytes.StartsWith(prefix)) continue; // Another cache's.
                if (reader.Bytes.SequenceEqual(generationKey))
                {
                    Receiver?.Invalidated(Invalidation.Everything);
                    return;
                }

                (keys ??= []).Add(new(reader.Bytes[RedisNames.Root.Length..].ToArray()));
            }

            if (keys is not null) Receiver?.Invalidated(Invalidation.Of(keys));
        }

        private void Heard(ref RespReader reader)
        {
            reader.Next();
            if (!reader.Bytes.SequenceEqual(owner._channel)) return;
            reader.Next();
            if (InvalidationMessage.TryRead(reader.Bytes, owner._origin, out var invalidation)) Receiver?.Invalidated(invalidation);
        }
    }
}
