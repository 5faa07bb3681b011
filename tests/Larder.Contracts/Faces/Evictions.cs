using System.Threading.Channels;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Contracts.Faces;

/// <summary>Hears of the evictions of entries.</summary>
public sealed class Evictions
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly Channel<(object Key, object? Value, EvictionReason Reason, object? State)> _heard = Channel.CreateUnbounded<(object, object?, EvictionReason, object?)>();

    /// <summary>An entry's options, so that this hears of its eviction.</summary>
    public MemoryCacheEntryOptions Options(object? state = null) =>
        new MemoryCacheEntryOptions().RegisterPostEvictionCallback((key, value, reason, given) => _heard.Writer.TryWrite((key, value, reason, given)), state);

    /// <summary>The next one, as "key=value reason".</summary>
    public async Task<string> NextAsync()
    {
        var (key, value, reason, _) = await _heard.Reader.ReadAsync().AsTask().WaitAsync(_patience);
        return $"{key}={value} {reason}";
    }

    /// <summary>The state that was given with the next one.</summary>
    public async Task<object?> NextStateAsync() => (await _heard.Reader.ReadAsync().AsTask().WaitAsync(_patience)).State;

    /// <summary>Fails if one has been heard of that nobody has asked for.</summary>
    public void AssertNoMore() => Assert.False(_heard.Reader.TryRead(out _));
}
