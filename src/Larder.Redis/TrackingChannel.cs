using System.Buffers.Binary;
using System.Security.Cryptography;
using Larder.Redis;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;

namespace Larder;

/// <summary>
/// Coherence by the server itself (<c>CLIENT TRACKING</c>, see <see cref="RedisOptions.Tracking"/>): whatever any process writes to or removes from the cache's tier, the server tells all others, without
/// a message of their own. What does not go to the tier is published beside it.
/// </summary>
/// <remarks>
/// A lost link is noticed at the latest after <see cref="RedisOptions.LinkTimeout"/> and two sweeps (a fifth of it each), also if the other side has gone
/// without a word. A push that comes before an answer is heard before that answer is. In a cluster every master is listened to; while one of them cannot be, the link counts as lost.
/// </remarks>
/// <example><code>Coherence = new(new TrackingChannel(redis, "users"))</code></example>
public sealed class TrackingChannel : IInvalidationChannel
{
    private readonly RedisClient _client;
    private readonly Session _session;
    private readonly byte[] _channel;
    private readonly long _origin = BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(8)); // Who publishes: so that nobody hears himself.

    /// <summary>Builds a channel.</summary>
    /// <param name="client">The server; it stays its owner's, and must be the one that the cache's tier writes through.</param>
    /// <param name="cacheName">The cache's name.</param>
    public TrackingChannel(RedisClient client, string cacheName)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrWhiteSpace(cacheName);
        _client = client;
        _channel = RedisNames.Channel(cacheName);
        _session = new(this, RedisNames.Prefix(cacheName), RedisNames.Generation(cacheName), RedisNames.Cleared(cacheName));
    }

    /// <inheritdoc/>
    public string Name => "redis";

    /// <inheritdoc/>
    public bool HearsTierWrites => true;

    /// <inheritdoc/>
    public bool HearsOnlyWhatWasRead => _client.TracksKeys;

    /// <inheritdoc/>
    public ValueTask ListenAsync(IInvalidationReceiver receiver, CancellationToken cancellationToken = default) => _session.ListenAsync(_client, receiver, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask PublishAsync(Invalidation invalidation, CancellationToken cancellationToken = default) =>
        await _client.SendAsync(static (ref _) => true, cancellationToken, ["PUBLISH"u8.ToArray(), _channel, InvalidationMessage.Write(invalidation, _origin, number: 0)]).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Leave(_session);
        return default;
    }

    private sealed class Session(TrackingChannel owner, byte[] prefix, byte[] generationKey, byte[] clearedKey) : ListeningSession(owner._channel)
    {
        private static readonly TimeSpan _betweenAttempts = TimeSpan.FromMilliseconds(100);

        // A cluster tells of what is cleared by a key that must have been read, where only what was read is told of.
        private bool MustWatch => owner._client is { TracksKeys: true, IsCluster: true };

        protected override void Opened()
        {
            bool isNew = !IsOpen;
            base.Opened();
            if (isNew && MustWatch) _ = WatchAsync();
        }

        internal override void Changed(ReadOnlySpan<byte> key)
        {
            if (MustWatch && key.SequenceEqual(clearedKey)) _ = WatchAsync();
        }

        protected override void Pushed(RedisLink link, string kind, int count, ref RespReader reader)
        {
            if (kind == "invalidate" && count == 1) Invalidated(ref reader);
            else base.Pushed(link, kind, count, ref reader);
        }

        protected override async Task BeginAsync(RedisLink link, CancellationToken cancellationToken)
        {
            if (!owner._client.IsCluster) await MakeGenerationAsync(link, cancellationToken).ConfigureAwait(false);
            ReadOnlyMemory<byte>[] which = owner._client.TracksKeys ? [] : ["BCAST"u8.ToArray(), "PREFIX"u8.ToArray(), prefix];
            await SayAsync(link, cancellationToken, ["CLIENT"u8.ToArray(), "TRACKING"u8.ToArray(), "ON"u8.ToArray(), .. which, "NOLOOP"u8.ToArray()]).ConfigureAwait(false);
            await base.BeginAsync(link, cancellationToken).ConfigureAwait(false);
        }

        // Before anybody loads: whoever makes it later says to all others that everything has changed.
        private async Task MakeGenerationAsync(RedisLink link, CancellationToken cancellationToken)
        {
            try
            {
                await SayAsync(link, cancellationToken, Generations.Making(generationKey, Generations.Next())).ConfigureAwait(false);
            }
            catch (RedisException)
            {
                // It is full, or may only be read: whoever writes there first will make it.
            }
        }

        protected override void Heard(ReadOnlySpan<byte> message)
        {
            bool isOwn = InvalidationMessage.TryReadSender(message, out long origin, out _) && origin == owner._origin;
            if (!isOwn && InvalidationMessage.Read(message) is { } invalidation) Receiver?.Invalidated(invalidation);
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
                if (reader.Bytes.SequenceEqual(generationKey) || reader.Bytes.SequenceEqual(clearedKey))
                {
                    Receiver?.Invalidated(Invalidation.Everything);
                    if (MustWatch) _ = WatchAsync();
                    return;
                }

                (keys ??= []).Add(new(reader.Bytes[RedisNames.Root.Length..].ToArray()));
            }

            if (keys is not null) Receiver?.Invalidated(Invalidation.Of(keys));
        }

        // Reads the key, so that the next change of it is told. What was cleared before that was not heard of; so nothing is trusted that was read until then. Never throws.
        private async Task WatchAsync()
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            while (IsOpen)
            {
                try
                {
                    // It must be there: then its slot does not go to another node unheard.
                    await owner._client.SendAsync(static (ref _) => true, CancellationToken.None, Generations.Making(clearedKey, Generations.Next())).ConfigureAwait(false);
                    await owner._client.SendAsync(static (ref _) => true, CancellationToken.None, ["GET"u8.ToArray(), clearedKey]).ConfigureAwait(false);
                    Receiver?.Invalidated(Invalidation.Everything);
                    return;
                }
                catch (Exception error) when (error is IOException or RedisException or TimeoutException or ObjectDisposedException)
                {
                    await Task.Delay(_betweenAttempts, owner._client.Time).ConfigureAwait(false);
                }
            }
        }
    }
}
