using System.Buffers.Binary;
using System.Security.Cryptography;
using Larder.Redis;
using Larder.Redis.Protocol;

namespace Larder;

/// <summary>A tier on a Redis or Valkey server, which all processes share.</summary>
/// <remarks>
/// <para>The entry of a tier's key is a string under <c>larder:</c> and the key, which for a cache's entries reads <c>larder:name/version/type/key</c>; it ends with its time. Its
/// value is the number of a generation, 8 bytes, a number of its own, 8 bytes, then what the tier was given. The generation stands under <c>larder:name/!generation</c> and is read with every batch, so
/// clearing is a single write: what is of an earlier generation is not there any more, and ends with its time.</para>
/// <para>A removal is a value without a payload, which stays for <see cref="RemovalMemory"/>: so what a process had begun to load before it is not written after it.</para>
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
    internal const int GenerationLength = 8;

    private readonly RedisClient _client;
    private readonly byte[] _generationKey;
    private long _state = BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(8)); // Interlocked. The number of the last value written.
    private byte[] _generation = new byte[GenerationLength]; // What was last heard of it. Replaced, never changed.

    /// <summary>Builds a tier.</summary>
    /// <param name="client">The server.</param>
    /// <param name="cacheName">The cache's name: another for each cache.</param>
    public RedisTier(RedisClient client, string cacheName)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrWhiteSpace(cacheName);
        _client = client;
        _generationKey = RedisNames.Generation(cacheName);
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
        return keys.Count == 0 ? default : _client.SendAsync(new ReadCommand(this, keys, receiver), cancellationToken);
    }

    internal ReadOnlySpan<byte> GenerationKey => _generationKey;

    /// <summary>The generation that the server has, empty for none: what is of another is not there any more.</summary>
    internal byte[] Learn(ReadOnlySpan<byte> generation)
    {
        var known = Volatile.Read(ref _generation);
        if (known.AsSpan().SequenceEqual(generation)) return known;
        byte[] learnt = generation.Length == GenerationLength ? generation.ToArray() : new byte[GenerationLength];
        Volatile.Write(ref _generation, learnt);
        return learnt;
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        cancellationToken.ThrowIfCancellationRequested();
        if (entries.Count == 0) return;
        var known = Volatile.Read(ref _generation);
        byte[] current = entries.Any(static entry => entry.Over is null) ? await GenerationAsync(cancellationToken).ConfigureAwait(false) : known;
        var now = _client.Time.GetUtcNow();
        var answers = new List<Task>(entries.Count);
        foreach (var entry in entries)
        {
            long life = Life(entry.Until, now);
            if (entry.Over is not { } over)
            {
                answers.Add(life <= 0 ? RemoveAsync(entry.Key, cancellationToken) : WriteAsync(entry, BinaryPrimitives.ReadInt64LittleEndian(current), life, cancellationToken));
                continue;
            }

            // Of the generation that it was read in: what was cleared since is not there any more.
            if (life <= 0 || (over != TierStamp.Nothing && _client.Time.GetElapsedTime(over.Asked) > RemovalMemory / 2)) continue;
            answers.Add(WriteAsync(entry, over == TierStamp.Nothing ? BinaryPrimitives.ReadInt64LittleEndian(known) : over.Epoch, life, cancellationToken));
        }

        await Task.WhenAll(answers).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        await Task.WhenAll(keys.Select(key => RemoveAsync(key, cancellationToken))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // At random, so that two who clear at the same time cannot bring back what a third has cleared.
        byte[] next = RandomNumberGenerator.GetBytes(GenerationLength);
        await _client.SendAsync(static (ref _) => true, cancellationToken, ["SET"u8.ToArray(), _generationKey, next]).ConfigureAwait(false);
        Volatile.Write(ref _generation, next);
    }

    /// <inheritdoc/>
    public async ValueTask<long> RemovePrefixesAsync(IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        cancellationToken.ThrowIfCancellationRequested();
        long removed = 0;
        foreach (var prefix in prefixes)
        {
            byte[] cursor = "0"u8.ToArray(), pattern = Pattern(RedisNames.Of(prefix));
            do
            {
                (cursor, var keys) = await _client.SendAsync(Scanned, cancellationToken, ["SCAN"u8.ToArray(), cursor, "MATCH"u8.ToArray(), pattern, "COUNT"u8.ToArray(), "512"u8.ToArray()]).ConfigureAwait(false);
                if (keys.Count > 0) removed += await _client.SendAsync(static (ref reader) => reader.Integer, cancellationToken, ["UNLINK"u8.ToArray(), .. keys]).ConfigureAwait(false);
            }
            while (cursor is not [(byte)'0']);
        }

        return removed;
    }

    /// <summary>Does nothing: the client is its owner's.</summary>
    public ValueTask DisposeAsync() => default;

    // Written under the generation that is true now: an entry of an earlier one would be lost, were the server another's before.
    private async ValueTask<byte[]> GenerationAsync(CancellationToken cancellationToken)
    {
        return await _client.SendAsync((ref reader) => Learn(reader.Bytes), cancellationToken, ["GET"u8.ToArray(), _generationKey]).ConfigureAwait(false);
    }

    private Task WriteAsync(in TierEntry entry, long generation, long life, CancellationToken cancellationToken) =>
        _client.SendAsync(new WriteCommand(entry.Key, entry.Payload, (generation, Interlocked.Increment(ref _state)), life, entry.Over, _client.TracksKeys), cancellationToken).AsTask();

    private Task RemoveAsync(TierKey key, CancellationToken cancellationToken) =>
        _client.SendAsync(new WriteCommand(key, default, (StoredHead.Removed, Interlocked.Increment(ref _state)), (long)RemovalMemory.TotalMilliseconds, null, _client.TracksKeys), cancellationToken).AsTask();

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
