using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Larder.Redis;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;
using Larder.Redis.Topology;

namespace Larder;

/// <summary>A tier on a Redis or Valkey server, which all processes share.</summary>
/// <remarks>
/// <para>The entry of a tier's key is a string under <c>larder:</c> and the key, which for a cache's entries reads <c>larder:name/version/type/key</c>; it ends with its time. Its
/// value is the number of a generation, 8 bytes, a number of its own, 8 bytes, then what the tier was given. The generation stands under <c>larder:name/!generation</c> and is read with every batch, so
/// clearing is a single write: what is of an earlier generation is not there any more, and ends with its time. A cluster has a generation in each slot.</para>
/// <para>A removal is a value without a payload, which stays for <see cref="RemovalMemory"/>: so what a process had begun to load before it is not written after it.</para>
/// <para>In a cluster, a node that is away costs a read what it has, which is then not found; writing and removing what it has fails.</para>
/// <para>The client stays its owner's.</para>
/// </remarks>
/// <example><code>
/// await using var redis = await RedisClient.ConnectAsync(RedisOptions.Parse("localhost:6379"));
/// await using var users = new LoadingCache&lt;string, User&gt;(db.FindAsync, new()
/// {
///     Name = "users",
///     Tiers = [new(new RedisTier(redis, "users"))],
///     Coherence = new(new TrackingChannel(redis, "users")),
///     Payloads = new() { Serializer = PayloadSerializer.Json(ShopJson.Default.User) },
/// });
/// </code></example>
public sealed class RedisTier : IPrefixTier
{
    private static readonly byte[] _removeFound = Encoding.ASCII.GetBytes(
        "if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('GETRANGE', KEYS[1], 0, 7) == ARGV[1] then return 0 end redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1");

    private readonly RedisClient _client;
    private readonly Generations _generations;
    private readonly TierReads _reads;
    private long _state = BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(8)); // Interlocked. The number of the last value written.

    /// <summary>Builds a tier.</summary>
    /// <param name="client">The server.</param>
    /// <param name="cacheName">The cache's name: another for each cache.</param>
    public RedisTier(RedisClient client, string cacheName)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrWhiteSpace(cacheName);
        _client = client;
        _generations = new(client, cacheName);
        _reads = new(client, _generations);
    }

    /// <inheritdoc/>
    public string Name { get; init; } = "redis";

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <summary>How long an entry that would never end is kept: so that what was cleared ends some time. Above zero. Default: 30 days.</summary>
    public TimeSpan LongestLife
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(LongestLife));
            field = value;
        }
    } = TimeSpan.FromDays(30);

    /// <summary>
    /// For how long a removal is remembered on the server: at least a second. What took longer than half of it to be loaded is not written to the server, for it could not
    /// tell whether the key was removed meanwhile. Default: 1 minute.
    /// </summary>
    public TimeSpan RemovalMemory
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromSeconds(1), nameof(RemovalMemory));
            field = value;
        }
    } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(receiver);
        cancellationToken.ThrowIfCancellationRequested();
        return keys.Count == 0 ? default : _reads.ReadAsync(keys, receiver, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        cancellationToken.ThrowIfCancellationRequested();
        if (entries.Count == 0) return;
        var parts = await _client.PartAsync(entries, static entry => RedisNames.Slot(entry.Key), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(parts.Select(part => WriteAsync(part, cancellationToken))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        await Task.WhenAll(keys.Select(key => RemoveAsync(key, cancellationToken))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _generations.ClearAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<long> RemovePrefixesAsync(IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        cancellationToken.ThrowIfCancellationRequested();
        await _client.KnowAsync(cancellationToken).ConfigureAwait(false);
        long[] removed = await Task.WhenAll(_client.Nodes.Select(node => SweepAsync(node, prefixes, cancellationToken))).ConfigureAwait(false);
        return removed.Sum();
    }

    /// <summary>Does nothing: the client is its owner's.</summary>
    public ValueTask DisposeAsync() => default;

    private async Task WriteAsync(SlotPart<TierEntry> part, CancellationToken cancellationToken)
    {
        int slot = part.Slot;
        long known = _generations.Known(slot);
        bool mustAsk = part.Items.Any(entry => entry.Over is null || (entry.Over == TierStamp.Nothing && known == Generations.None));

        // Written under the generation that is true now: an entry of an earlier one would be lost, were the server another's before.
        long current = mustAsk ? await _generations.CurrentAsync(slot, cancellationToken).ConfigureAwait(false) : known;
        var generations = (Known: known == Generations.None ? current : known, Current: current);
        var now = _client.Time.GetUtcNow();
        if (slot == SlotPart.Anywhere || part.Items.Count == 1)
        {
            await Task.WhenAll(part.Items.Select(entry => WriteAsync(entry, slot, generations, now, cancellationToken))).ConfigureAwait(false);
            return;
        }

        // What is of one key goes one after the other: nodes may send the one and the other on to somewhere else, and not in order.
        await Task.WhenAll(part.Items.GroupBy(static entry => entry.Key).Select(async same =>
        {
            foreach (var entry in same) await WriteAsync(entry, slot, generations, now, cancellationToken).ConfigureAwait(false);
        })).ConfigureAwait(false);
    }

    private Task WriteAsync(in TierEntry entry, int slot, (long Known, long Current) generations, DateTimeOffset now, CancellationToken cancellationToken)
    {
        long life = Life(entry.Until, now), generation = generations.Current;
        if (entry.Over is { } over)
        {
            // Of the generation that it was read in: what was cleared since is not there any more.
            generation = over == TierStamp.Nothing ? generations.Known : over.Epoch;
            bool isOld = over != TierStamp.Nothing && _client.Time.GetElapsedTime(over.Asked) > RemovalMemory / 2;
            if (life <= 0 || isOld || generation == Generations.None) return Task.CompletedTask;
        }

        return life <= 0
            ? RemoveAsync(entry.Key, cancellationToken)
            : _client.SendAsync(new WriteCommand(entry.Key, entry.Payload, (generation, Interlocked.Increment(ref _state)), life, entry.Over, _client.TracksKeys), cancellationToken).AsTask();
    }

    private Task RemoveAsync(TierKey key, CancellationToken cancellationToken) =>
        _client.SendAsync(new WriteCommand(key, default, (StoredHead.Removed, Interlocked.Increment(ref _state)), (long)RemovalMemory.TotalMilliseconds, null, _client.TracksKeys), cancellationToken).AsTask();

    // A node's keys, step by step.
    private async Task<long> SweepAsync(RedisNode node, IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken)
    {
        long removed = 0;
        foreach (var prefix in prefixes)
        {
            byte[] cursor = "0"u8.ToArray(), pattern = Pattern(RedisNames.Of(prefix));
            do
            {
                var scan = new WordsCommand<(byte[] Cursor, List<ReadOnlyMemory<byte>> Keys)>(["SCAN"u8.ToArray(), cursor, "MATCH"u8.ToArray(), pattern, "COUNT"u8.ToArray(), "512"u8.ToArray()], Scanned);
                await node.SendAsync(scan, cancellationToken).ConfigureAwait(false);
                cursor = scan.Result.Cursor;
                removed += (await Task.WhenAll(scan.Result.Keys.Select(name => RemoveFoundAsync(name, cancellationToken))).ConfigureAwait(false)).Sum();
            }
            while (cursor is not [(byte)'0']);
        }

        return removed;
    }

    // Remembered as every removal is; what was removed before does not count.
    private Task<long> RemoveFoundAsync(ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        byte[] mark = new byte[StoredHead.Length];
        StoredHead.Write(mark, StoredHead.Removed, Interlocked.Increment(ref _state));
        byte[] life = Encoding.ASCII.GetBytes(((long)RemovalMemory.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        return _client.SendAsync(static (ref reader) => reader.Integer, cancellationToken,
            ["EVAL"u8.ToArray(), _removeFound, "1"u8.ToArray(), name, mark.AsMemory(0, Generations.Length), mark, life]).AsTask();
    }

    private long Life(DateTimeOffset until, DateTimeOffset now) =>
        (long)Math.Ceiling((until - now < LongestLife ? until - now : LongestLife).TotalMilliseconds);

    private static (byte[] Cursor, List<ReadOnlyMemory<byte>> Keys) Scanned(ref RespReader reader)
    {
        reader.Next();
        byte[] cursor = reader.Bytes.ToArray();
        reader.Next();
        List<ReadOnlyMemory<byte>> keys = new(reader.Count);
        for (int i = reader.Count; i > 0; i--)
        {
            reader.Next();
            keys.Add(reader.Bytes.ToArray());
        }

        return (cursor, keys);
    }

    // What has a meaning in a pattern loses it.
    private static byte[] Pattern(ReadOnlyMemory<byte> prefix)
    {
        List<byte> pattern = new(prefix.Length + 8);
        foreach (byte b in prefix.Span)
        {
            if ("*?[]\\^-"u8.Contains(b)) pattern.Add((byte)'\\');
            pattern.Add(b);
        }

        pattern.Add((byte)'*');
        return [.. pattern];
    }
}
