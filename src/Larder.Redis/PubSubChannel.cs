using System.Buffers.Binary;
using System.Security.Cryptography;
using Larder.Redis;
using Larder.Redis.Connection;

namespace Larder;

/// <summary>Coherence by messages over a server's publish and subscribe: for servers without tracking, and for caches without a tier on the server.</summary>
/// <remarks>
/// <para>Each process numbers its messages, and now and then says how many there were: who misses one distrusts what it has, and begins anew. A process hears its own
/// messages come back, and ignores them; if they do not come back, it distrusts what it has too.</para>
/// <para>A lost link is noticed at the latest after <see cref="RedisOptions.LinkTimeout"/> and two fifths of it, also if the other side has gone without a word, or
/// if the server answers and passes no messages on.</para>
/// </remarks>
/// <example><code>
/// await using var redis = await RedisClient.ConnectAsync(RedisOptions.Parse("localhost:6379"));
/// await using var users = new LoadingCache&lt;string, User&gt;(db.FindAsync, new() { Name = "users", Coherence = new(new PubSubChannel(redis, "users")) });
/// </code></example>
public sealed class PubSubChannel : IInvalidationChannel
{
    // More keys go in several messages, so that none is long.
    private const int MaxKeys = 500;

    private readonly RedisClient _client;
    private readonly Ear _ear;
    private readonly ITimer _heart;
    private readonly SemaphoreSlim _turn = new(1); // Numbers are published in their order.
    private readonly byte[] _channel;
    private readonly long _origin = BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(8)); // So that nobody hears himself.
    private long _number; // Changed in turn.

    /// <summary>Builds a channel.</summary>
    /// <param name="client">The server; it stays its owner's.</param>
    /// <param name="cacheName">The cache's name: the same in all processes.</param>
    public PubSubChannel(RedisClient client, string cacheName)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrWhiteSpace(cacheName);
        _client = client;
        _channel = RedisNames.Messages(cacheName);
        _ear = new(_channel, _origin, client);
        var period = client.Options.LinkTimeout / 5;
        _heart = client.Time.CreateTimer(static state => ((PubSubChannel)state!).Beat(), this, period, period);
    }

    /// <inheritdoc/>
    public string Name => "redis-pubsub";

    /// <inheritdoc/>
    public bool HearsTierWrites => false;

    /// <inheritdoc/>
    public ValueTask ListenAsync(IInvalidationReceiver receiver, CancellationToken cancellationToken = default) => _ear.ListenAsync(_client, receiver, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask PublishAsync(Invalidation invalidation, CancellationToken cancellationToken = default)
    {
        // Whoever calls may hold what the client's own thread waits for.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (invalidation.Kind != InvalidationKind.Keys)
        {
            await SayAsync(number => InvalidationMessage.Write(invalidation, _origin, number), cancellationToken).ConfigureAwait(false);
            return;
        }

        foreach (var keys in invalidation.Keys.Chunk(MaxKeys))
            await SayAsync(number => InvalidationMessage.Write(Invalidation.Of(keys), _origin, number), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _heart.DisposeAsync().ConfigureAwait(false);
        _client.Leave(_ear);
    }

    // A message that may have been lost leaves a gap, which the others take for what it is: something they have not heard.
    private async ValueTask SayAsync(Func<long, byte[]> write, CancellationToken cancellationToken)
    {
        if (!_client.IsReachable(_ear.Slot)) throw new RedisConnectionException("There is no link to the server over which to tell the others.");
        ValueTask<bool> said;
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            said = PublishAsync(write(++_number), cancellationToken);
        }
        finally
        {
            _turn.Release();
        }

        await said.ConfigureAwait(false);
    }

    private async void Beat()
    {
        _ear.Check();
        if (!_client.IsReachable(_ear.Slot) || !await _turn.WaitAsync(0).ConfigureAwait(false)) return; // Whoever has its turn says more than this.
        ValueTask<bool> said;
        try
        {
            said = PublishAsync(InvalidationMessage.WriteHeartbeat(_origin, _number), CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }

        try
        {
            await said.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The link is gone, as whoever listens is told.
        }
    }

    private ValueTask<bool> PublishAsync(byte[] message, CancellationToken cancellationToken) =>
        _client.SendAsync(static (ref _) => true, cancellationToken, ["PUBLISH"u8.ToArray(), _channel, message]);

    private sealed class Ear(byte[] channel, long origin, RedisClient client) : ListeningSession(channel)
    {
        private readonly Lock _gate = new();
        private readonly Roll _roll = new(); // Guarded by _gate.
        private long _echoed; // Guarded by _gate. When a message of our own last came back.
        private bool _isDeaf; // Guarded by _gate. Messages do not come back.

        /// <summary>Distrusts what there is if messages do not come back.</summary>
        internal void Check()
        {
            lock (_gate)
            {
                if (!IsOpen || _isDeaf || client.Time.GetElapsedTime(_echoed) < client.Options.LinkTimeout) return;
                _isDeaf = true;
                Receiver?.LinkLost();
            }
        }

        protected override void Opened()
        {
            lock (_gate)
            {
                if (IsOpen) return;
                (_isDeaf, _echoed) = (false, client.Time.GetTimestamp());
                _roll.Forget();
                base.Opened();
            }
        }

        protected override void Closed()
        {
            lock (_gate) base.Closed();
        }

        protected override void Heard(ReadOnlySpan<byte> message)
        {
            lock (_gate)
            {
                var said = InvalidationMessage.Read(message);
                if (!InvalidationMessage.TryReadSender(message, out long from, out long number))
                {
                    Distrust();
                    return;
                }

                if (from == origin)
                {
                    _echoed = client.Time.GetTimestamp();
                    if (_isDeaf) Receiver?.LinkRestored();
                    _isDeaf = false;
                    return;
                }

                if (!_roll.Note(from, number, isHeartbeat: said is null)) Distrust();
                else if (said is { } invalidation) Receiver?.Invalidated(invalidation);
            }
        }

        // Something was not heard, and nobody knows what.
        private void Distrust()
        {
            if (_isDeaf || !IsOpen) return;
            Receiver?.LinkLost();
            Receiver?.LinkRestored();
        }
    }
}
