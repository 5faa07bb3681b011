using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Larder.Redis;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;
using Larder.Redis.Topology;

namespace Larder;

/// <summary>Leases on a Redis or Valkey server: one load per key in all processes that use it.</summary>
/// <remarks>
/// A lease is the key <c>larder-lease:</c> and the tier's key (in a cluster in braces, so that it lies where the entry lies), with an owner's token and the lease's time. Giving it back publishes the key, which is what the others wait for. Who
/// dies with a lease costs the others its time.
/// </remarks>
/// <example><code>Coherence = new(new TrackingChannel(redis, "users")) { Leases = new RedisLeases(redis, "users") }</code></example>
public sealed class RedisLeases : ILoadLeases, IAsyncDisposable
{
    private static readonly byte[] _release = Encoding.UTF8.GetBytes(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) redis.call('PUBLISH', ARGV[2], ARGV[3]) return 1 end return 0");

    private readonly RedisClient _client;
    private readonly byte[] _channel;
    private readonly string _cacheName;
    private readonly Session _session;
    private Task? _joining; // Guarded by _session.

    /// <summary>Builds leases over a server. The client stays its owner's.</summary>
    public RedisLeases(RedisClient client, string cacheName)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrWhiteSpace(cacheName);
        _client = client;
        _channel = Encoding.UTF8.GetBytes($"larder-lease:{cacheName}!ended");
        _cacheName = cacheName;
        _session = new(_channel);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ILoadLease?>> AcquireAsync(IReadOnlyList<TierKey> keys, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.FromMilliseconds(1));
        byte[] life = Encoding.UTF8.GetBytes($"{(long)duration.TotalMilliseconds}");
        var leases = new ILoadLease?[keys.Count];
        var parts = await _client.PartAsync([.. Enumerable.Range(0, keys.Count)], position => HashSlot.Of(RedisNames.Lease(keys[position], isCluster: true)), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(parts.Select(part => AcquireAsync(keys, part, life, leases, cancellationToken))).ConfigureAwait(false);
        return leases;
    }

    /// <inheritdoc/>
    public async ValueTask WaitAsync(TierKey key, CancellationToken cancellationToken = default)
    {
        await JoinAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        var ended = _session.Awaited(key);
        try
        {
            // It may have ended before anybody listened. If its holder has died, it ends with its time, and nobody says so.
            long left = await _client.SendAsync(static (ref reader) => reader.Integer, cancellationToken, ["PTTL"u8.ToArray(), NameOf(key)]).ConfigureAwait(false);
            if (left > 0) await ended.WaitAsync(TimeSpan.FromMilliseconds(left + 1), _client.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It is over.
        }
        finally
        {
            _session.End(key); // Or who never hears of it would be remembered for ever. Others who wait for it look again.
        }
    }

    /// <summary>Listens no more.</summary>
    public ValueTask DisposeAsync()
    {
        _client.Leave(_session);
        _session.Tell(null);
        return default;
    }

    // The fence lies beside the leases it is for, and is asked behind them: so whoever gets one after this has ended has a higher number.
    private async Task AcquireAsync(IReadOnlyList<TierKey> keys, SlotPart<int> part, byte[] life, ILoadLease?[] leases, CancellationToken cancellationToken)
    {
        byte[] token = RandomNumberGenerator.GetBytes(16);
        var asked = Task.WhenAll(part.Items.Select(position => _client.SendAsync(static (ref reader) => reader.Kind != RespKind.Null, cancellationToken,
            ["SET"u8.ToArray(), NameOf(keys[position]), token, "NX"u8.ToArray(), "PX"u8.ToArray(), life]).AsTask()));

        // Nodes may send the one and the other on to somewhere else, and not in order.
        if (part.Slot != SlotPart.Anywhere && !(await asked.ConfigureAwait(false)).Contains(true)) return;
        byte[] fenceKey = [.. RedisNames.Fence(_cacheName, _client.IsCluster), .. Generations.TagOf(part.Slot)];
        var fence = _client.SendAsync(static (ref reader) => reader.Integer, cancellationToken, ["INCR"u8.ToArray(), fenceKey]).AsTask();
        await Task.WhenAll(fence, asked).ConfigureAwait(false);
        bool[] got = await asked.ConfigureAwait(false);
        for (int i = 0; i < got.Length; i++)
            if (got[i]) leases[part.Items[i]] = new Lease(this, keys[part.Items[i]], token, await fence.ConfigureAwait(false));
    }

    private byte[] NameOf(TierKey key) => RedisNames.Lease(key, _client.IsCluster);

    private Task JoinAsync()
    {
        lock (_session) return _joining is { IsFaulted: false, IsCanceled: false } ? _joining : _joining = JoinNodesAsync();
    }

    private async Task JoinNodesAsync()
    {
        try
        {
            await _client.JoinAsync(_session, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RedisConnectionException) when (_client.IsPartlyLinked)
        {
            // A node of a cluster is away. The others say what is to be heard, and it is told when it is back.
        }
    }

    private sealed class Lease(RedisLeases owner, TierKey key, byte[] token, long fence) : ILoadLease
    {
        private int _isGivenBack;

        public long Fence => fence;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isGivenBack, 1) != 0) return;
            await owner._client.SendAsync(static (ref _) => true, CancellationToken.None,
                ["EVAL"u8.ToArray(), _release, "1"u8.ToArray(), owner.NameOf(key), token, owner._channel, key.Bytes.ToArray()]).ConfigureAwait(false);
        }
    }

    private sealed class Session(byte[] channel) : RedisSession
    {
        private readonly ConcurrentDictionary<TierKey, TaskCompletionSource> _awaited = new();

        internal Task Awaited(TierKey key) => _awaited.GetOrAdd(key, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        internal override int Slot { get; } = HashSlot.Of(channel);

        protected override void Opened()
        {
        }

        // Who waits looks again: what ended meanwhile was not heard.
        protected override void Closed()
        {
            foreach (var key in _awaited.Keys) End(key);
        }

        // Every node of a cluster says so, and the first counts.
        protected override void Pushed(RedisLink link, string kind, int count, ref RespReader reader)
        {
            if (kind != "message" || count != 2) return;
            reader.Next();
            if (!reader.Bytes.SequenceEqual(channel)) return;
            reader.Next();
            End(new(reader.Bytes.ToArray()));
        }

        protected override Task BeginAsync(RedisLink link, CancellationToken cancellationToken) => link.SubscribeAsync(channel, cancellationToken).AsTask();

        internal void End(TierKey key)
        {
            if (_awaited.TryRemove(key, out var ended)) ended.TrySetResult();
        }
    }
}
