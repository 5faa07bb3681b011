using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace Larder.Tests.Tiers;

/// <summary>A distributed cache of the kind that writes into buffers, over a dictionary. Its array members throw: nobody who may use buffers is to use them for values.</summary>
internal sealed class BufferedCache : IBufferDistributedCache
{
    private readonly ConcurrentDictionary<string, byte[]> _kept = new(StringComparer.Ordinal);

    public byte[]? Get(string key) => throw new NotSupportedException();

    // The generation is read so.
    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        key.StartsWith("larder/generation/", StringComparison.Ordinal) ? Task.FromResult(_kept.GetValueOrDefault(key)) : throw new NotSupportedException();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        if (!key.StartsWith("larder/generation/", StringComparison.Ordinal)) throw new NotSupportedException();
        _kept[key] = value;
        return Task.CompletedTask;
    }

    public void Refresh(string key) => throw new NotSupportedException();

    public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

    public void Remove(string key) => throw new NotSupportedException();

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        _kept.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    public bool TryGet(string key, IBufferWriter<byte> destination) => throw new NotSupportedException();

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        await Task.Yield();
        if (!_kept.TryGetValue(key, out var payload)) return false;
        destination.Write(payload);
        return true;
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await Task.Yield();
        _kept[key] = value.ToArray();
    }
}
