using System.Buffers;
using System.IO.Pipelines;
using Larder.Observability;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Logging;

namespace Larder.AspNetCore.OutputCaching;

/// <summary>Responses of ASP.NET Core's output cache, kept in a cache of ours: with its tiers, and in step with other processes.</summary>
internal sealed class LarderOutputCacheStore(LoadingCache<string, byte[]> cache, ILogger<LarderOutputCacheStore> logger) : IOutputCacheBufferStore
{
    // Responses that had too many tags. Added to by all.
    private long _overTagged;

    public ValueTask EvictByTagAsync(string tag, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return cache.RemoveByTagAsync(TagFor(tag), cancellationToken);
    }

    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken) => cache.GetAsync(key, cancellationToken);

    public async ValueTask<bool> TryGetAsync(string key, PipeWriter destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (await cache.GetAsync(key, cancellationToken).ConfigureAwait(false) is not { } value) return false;
        await destination.WriteAsync(value, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public ValueTask SetAsync(string key, byte[] value, string[]? tags, TimeSpan validFor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(value);
        return StoreAsync(key, value, tags, validFor, cancellationToken);
    }

    // What is handed over is the caller's again afterwards.
    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, ReadOnlyMemory<string> tags, TimeSpan validFor, CancellationToken cancellationToken) =>
        StoreAsync(key, value.ToArray(), tags.Span, validFor, cancellationToken);

    private ValueTask StoreAsync(string key, byte[] value, ReadOnlySpan<string> tags, TimeSpan validFor, CancellationToken cancellationToken)
    {
        if (tags.Length <= TagSet.MaxCount) return cache.SetAsync(key, value, Lifetime.FreshFor(validFor), TagsFor(tags), cancellationToken);

        // By some of its tags it could not be evicted any more; better that it is not kept.
        long responses = Interlocked.Increment(ref _overTagged);
        if (EverFewer.IsDue(responses)) Log.TooManyTags(logger, tags.Length, TagSet.MaxCount, responses);
        return default;
    }

    private static TagSet TagsFor(ReadOnlySpan<string> tags)
    {
        if (tags.IsEmpty) return default;
        string[] ours = new string[tags.Length];
        for (int i = 0; i < ours.Length; i++) ours[i] = TagFor(tags[i]);
        return TagSet.Create(ours);
    }

    // Any string is a tag to ASP.NET Core, and the star means nothing special there.
    private static string TagFor(string tag) => tag is null ? throw new ArgumentException("A tag is null; leave it out.", nameof(tag)) : TagSet.For(tag);
}
