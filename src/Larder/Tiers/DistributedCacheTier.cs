using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Larder.Tiers;
using Microsoft.Extensions.Caching.Distributed;

namespace Larder;

/// <summary>Any <see cref="IDistributedCache"/> as a tier: whatever client, and whatever server, a program already has.</summary>
/// <remarks>
/// <para>Keys are handed over as text; what is no text, or has control characters, is written as %XX. A distributed cache takes one key at a time, so a batch is as many calls, of which
/// <see cref="MaxParallel"/> run at once. With an <see cref="IBufferDistributedCache"/> no arrays of a payload's size are made.</para>
/// <para>A distributed cache cannot be cleared. So each payload bears the number of a generation, which is kept under a key of its own and read beside every
/// batch; clearing begins another, and what is of an earlier one is not there any more. If the store loses it, it has lost all: the next write begins another.</para>
/// </remarks>
/// <example><code>
/// new TierOptions(new DistributedCacheTier(services.GetRequiredService&lt;IDistributedCache&gt;(), "users"))
/// </code></example>
public sealed class DistributedCacheTier : ICacheTier
{
    private const int GenerationLength = 8;

    private readonly IDistributedCache _cache;
    private readonly IBufferDistributedCache? _buffered;
    private readonly string _generationKey;

    // Held by who looks for a generation once more and begins one if there is none. Never waited for by its handle, so there is nothing to dispose of.
    private readonly SemaphoreSlim _beginning = new(1, 1);

    /// <summary>Builds a tier over a cache, which stays its owner's.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="scope">What is cleared together: another word for each cache that uses the same store.</param>
    /// <param name="isShared">Whether other processes use the store too.</param>
    public DistributedCacheTier(IDistributedCache cache, string scope, bool isShared = true)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentException.ThrowIfNullOrWhiteSpace(scope);
        (_cache, _buffered, IsShared) = (cache, cache as IBufferDistributedCache, isShared);
        _generationKey = $"larder/generation/{scope}";
    }

    /// <inheritdoc/>
    public string Name { get; init; } = "distributed";

    /// <inheritdoc/>
    public bool IsShared { get; }

    /// <summary>The clock that tells what is over already. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How many calls of one batch run at once: at least 1. Default: 16.</summary>
    public int MaxParallel
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxParallel));
            field = value;
        }
    } = 16;

    /// <inheritdoc/>
    public async ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(receiver);
        cancellationToken.ThrowIfCancellationRequested();
        var generation = GenerationAsync(cancellationToken);
        try
        {
            await EachAsync(keys.Count, i => ReadAsync(TextNames.Of(keys[i]), i, receiver, generation, cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            await ((Task)generation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Not left behind when a read has failed.
        }
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        cancellationToken.ThrowIfCancellationRequested();

        // Calls that run at once have no order: of a key that is there twice, the later entry counts.
        var last = new Dictionary<TierKey, TierEntry>(entries.Count);
        foreach (var entry in entries) last[entry.Key] = entry;
        TierEntry[] written = [.. last.Values];
        long generation = await GenerationAsync(cancellationToken).ConfigureAwait(false) ?? await BeginTogetherAsync(cancellationToken).ConfigureAwait(false);
        await EachAsync(written.Length, i => WriteAsync(written[i], generation, cancellationToken)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        return EachAsync(keys.Count, i => new(_cache.RemoveAsync(TextNames.Of(keys[i]), cancellationToken)));
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(BeginAsync(cancellationToken));
    }

    /// <summary>Does nothing: the cache is its owner's.</summary>
    public ValueTask DisposeAsync() => default;

    // Null if there is none: nothing has been written, or the store has lost it. What it has then may be from before a clearing, and is not believed.
    private async Task<long?> GenerationAsync(CancellationToken cancellationToken) =>
        await _cache.GetAsync(_generationKey, cancellationToken).ConfigureAwait(false) is { Length: GenerationLength } found ? BinaryPrimitives.ReadInt64LittleEndian(found) : null;

    // One after the other, the later by what the earlier has begun: else what the earlier then writes is of a generation that is over.
    private async Task<long> BeginTogetherAsync(CancellationToken cancellationToken)
    {
        await _beginning.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await GenerationAsync(cancellationToken).ConfigureAwait(false) ?? await BeginAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _beginning.Release();
        }
    }

    // At random, so that two who begin one at the same time cannot bring back what a third has cleared.
    private async Task<long> BeginAsync(CancellationToken cancellationToken)
    {
        byte[] next = RandomNumberGenerator.GetBytes(GenerationLength);
        await _cache.SetAsync(_generationKey, next, new DistributedCacheEntryOptions(), cancellationToken).ConfigureAwait(false);
        return BinaryPrimitives.ReadInt64LittleEndian(next);
    }

    private async ValueTask ReadAsync(string key, int index, ITierReceiver receiver, Task<long?> generation, CancellationToken cancellationToken)
    {
        using var buffer = new PooledBuffer();
        ReadOnlyMemory<byte> found;
        if (_buffered is not null) found = await _buffered.TryGetAsync(key, buffer, cancellationToken).ConfigureAwait(false) ? buffer.Written : default;
        else found = await _cache.GetAsync(key, cancellationToken).ConfigureAwait(false);
        if (found.Length < GenerationLength || BinaryPrimitives.ReadInt64LittleEndian(found.Span) != await generation.ConfigureAwait(false)) return;
        receiver.Buffer(index).Write(found.Span[GenerationLength..]);
        receiver.Found(index);
    }

    private async ValueTask WriteAsync(TierEntry entry, long generation, CancellationToken cancellationToken)
    {
        string key = TextNames.Of(entry.Key);
        var left = entry.Until - TimeProvider.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            await _cache.RemoveAsync(key, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var buffer = new PooledBuffer();
        BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(GenerationLength), generation);
        buffer.Advance(GenerationLength);
        foreach (var piece in entry.Payload) buffer.Write(piece.Span);

        // By the time that is left: the store's clock may be another. The envelope has the instant.
        var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = entry.Until == DateTimeOffset.MaxValue ? null : left };
        if (_buffered is not null) await _buffered.SetAsync(key, new ReadOnlySequence<byte>(buffer.Written), options, cancellationToken).ConfigureAwait(false);
        else await _cache.SetAsync(key, buffer.Written.ToArray(), options, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask EachAsync(int count, Func<int, ValueTask> call)
    {
        if (count == 1)
        {
            await call(0).ConfigureAwait(false);
            return;
        }

        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(count, MaxParallel)).Select(async _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < count;) await call(i).ConfigureAwait(false);
        })).ConfigureAwait(false);
    }
}
