using System.Runtime.CompilerServices;
using Larder.Hosting;
using Larder.Loading;
using Larder.Memory;
using Larder.Observability;
using Larder.Tiers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder;

/// <summary>Larder as the <see cref="HybridCache"/> that a program already uses, with what it has beside: stale values served while they are refreshed, fallbacks, tiers, coherence, statistics.</summary>
/// <remarks>
/// <para>Concurrent calls for one key share one call of a factory if they want the same type by the same flags. Each may be cancelled by itself; the factory's token is cancelled when all have
/// turned away. What a factory throws goes to all of them, and is not kept.</para>
/// <para>Values that nobody can change are shared: text, types without references, sealed types with <c>[ImmutableObject(true)]</c>. Of all others, each caller gets a copy, by the type's serializer.</para>
/// </remarks>
/// <example><code>
/// services.AddLarderHybridCache();      // in place of AddHybridCache()
///
/// var user = await cache.GetOrCreateAsync($"user:{id}", (db, id), static (s, cancel) => s.db.FindAsync(s.id, cancel), tags: ["users"], cancellationToken: cancel);
/// await cache.RemoveByTagAsync("users");
/// </code></example>
public sealed class LarderHybridCache : HybridCache, IAsyncDisposable, IDisposable
{
    // What a tier's key has beside the bytes of the caller's, of which a character takes three at most.
    private const int RestOfKey = 256;

    private readonly LarderHybridCacheOptions _options;
    private readonly HybridSerializers _serializers;
    private readonly LoadingCache<string, HybridValue?> _cache;
    private readonly Loads<string, HybridValue?> _loads;
    private readonly MemoryCore<string, Kept<HybridValue?>> _core;
    private readonly Skip _skip;
    private readonly HybridLives _lives;

    // Keys that may not be. Added to by all callers.
    private long _refused;

    /// <summary>Builds a cache.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="services">Where the serializers of types are looked for; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is not allowed; the message names every such option, its value and what is allowed.</exception>
    public LarderHybridCache(LarderHybridCacheOptions? options = null, IServiceProvider? services = null)
    {
        _options = options ?? new();
        if (_options.Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        _serializers = new(_options, services);
        _skip = SkipOf(_options.DefaultEntryOptions?.Flags ?? HybridCacheEntryFlags.None);
        var fresh = _options.DefaultEntryOptions?.Expiration ?? _options.Lifetime.Fresh;
        _lives = new(_options.Lifetime with { Fresh = LocalOf(_options.DefaultEntryOptions) ?? fresh }, _options.Lifetime with { Fresh = fresh });
        _cache = new(new()
        {
            Name = _options.Name,
            Memory = new() { Capacity = _options.Capacity, Lifetime = _lives.InMemory, TimeProvider = _options.TimeProvider, Logger = _options.Logger },
            Failure = _options.Failure,
            Tiers = _options.Tiers,
            Coherence = _options.Coherence,
            Payloads = new() { Serializer = new HybridValueSerializer(_serializers), MaxLength = (int)Math.Min((long)_options.MaximumPayloadBytes + sizeof(uint), int.MaxValue), MaxKeyLength = (int)Math.Min(3L * _options.MaximumKeyLength + RestOfKey, ushort.MaxValue) },
        });
        _loads = _cache.Loads;
        _core = _loads.Core;
    }

    /// <summary>What the cache has done so far.</summary>
    public LoadingStatistics Statistics => _cache.Statistics;

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        // Before anything is checked: what is found was put there by a call that was.
        return key is not null && MayServe(options, cancellationToken) && TryServe(_core.FindQuickly(key), out T value)
            ? new(value)
            : GetInFull(key, state, factory, options, tags, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        return MayServe(options, cancellationToken) && TryServe(_core.FindQuickly(key), out T value)
            ? new(value)
            : GetInFull(key.ToString(), state, factory, options, tags, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        _core.ThrowIfDisposed();
        var marks = TagsOf(tags);
        var skip = SkipOf(options);
        if (!IsGood(key) || (skip.HasFlag(Skip.MemoryWrite) && (_loads.Tiers is null || skip.HasFlag(Skip.TierWrite)))) return;
        var lives = LivesOf(options);
        var written = _loads.Settlement.Prepare(key, _core.HashOf(key), HybridValue.Of(value, _serializers), lives.InMemory, marks);
        await MadeAsync(_loads.Changes.Write(written, lives.Below, skip), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!WholeText.Is(key)) return default; // It was never taken.
        var removing = _cache.RemoveAsync(key, CancellationToken.None);
        return removing.IsCompletedSuccessfully ? default : MadeAsync(removing.AsTask(), cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        string.IsNullOrWhiteSpace(tag) ? default : MadeAsync(_cache.RemoveByTagAsync(TagOf(tag), CancellationToken.None).AsTask(), cancellationToken);

    /// <summary>Takes no more calls, gives up what is being loaded, and closes what was opened for this cache.</summary>
    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    /// <summary>As <see cref="DisposeAsync"/>, and blocks until that has ended.</summary>
    public void Dispose()
    {
        var disposing = DisposeAsync();
        if (!disposing.IsCompletedSuccessfully) disposing.AsTask().GetAwaiter().GetResult();
    }

    internal LoadingCache<string, HybridValue?> Cache => _cache;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Skip SkipOf(HybridCacheEntryOptions? options) => options?.Flags is { } flags ? SkipOf(flags) : _skip;

    // Microsoft's first five flags are ours.
    private static Skip SkipOf(HybridCacheEntryFlags flags) => (Skip)flags & (Skip.Memory | Skip.Tiers | Skip.Loaders);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool MayServe(HybridCacheEntryOptions? options, CancellationToken cancellationToken) =>
        (SkipOf(options) & Skip.MemoryRead) == 0 && !cancellationToken.IsCancellationRequested;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryServe<T>(Entry<string, Kept<HybridValue?>>? entry, out T value)
    {
        if (entry?.Value.Value is HeldValue<T> held)
        {
            value = held.Value;
            return ShortPath.TryServe(_core, _loads.Tags, entry);
        }

        value = default!;
        return entry?.Value.Value is EncodedValue encoded && TryServe(entry, encoded, out value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryServe<T>(Entry<string, Kept<HybridValue?>> entry, EncodedValue encoded, out T value) =>
        encoded.TryRead(_serializers, out value) && ShortPath.TryServe(_core, _loads.Tags, entry);

    // Any clock, any value, misses, and what is to be refused. Not inlined, to keep the frame of a hit small.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask<T> GetInFull<TState, T>(
        string? key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options, IEnumerable<string>? tags, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<T>(cancellationToken);
        _core.ThrowIfDisposed();
        var skip = SkipOf(options);
        if (!IsGood(key)) return skip.HasFlag(Skip.Loaders) ? default : factory(state, cancellationToken);
        var call = new HybridCall<TState, T>(_serializers, factory, state, skip, LivesOf(options), TagsOf(tags));
        int hash = _core.HashOf(key);
        Entry<string, Kept<HybridValue?>>? entry = null;
        long beyond = AskingFlight.AnyAgeAnew;
        if (!call.Skip.HasFlag(Skip.MemoryRead))
        {
            bool isServed = _loads.Reads.Meet(key, hash, out entry, call) is ReadStatus.Hit or ReadStatus.Stale;
            if (isServed && TryRead(entry!.Value.Value, out T value)) return new(value);
            beyond = isServed ? long.MaxValue : AskingFlight.AnyAge; // What is there but of another type is in the tiers too.
        }
        else
        {
            entry = _core.Find(key, hash);
        }

        if (!call.CanMake(_loads, forRefresh: false)) return default;
        return LoadAsync(key, hash, entry, call, beyond, cancellationToken);
    }

    private async ValueTask<T> LoadAsync<TState, T>(string key, int hash, Entry<string, Kept<HybridValue?>>? entry, HybridCall<TState, T> call, long beyond, CancellationToken cancellationToken)
    {
        var loaded = await _loads.Results.Value(_loads.Reads.Load(key, hash, entry, call, cancellationToken, beyond)).ConfigureAwait(false);
        if (loaded is EncodedValue { Type: { } type } own && type == typeof(T)) return own.Read<T>(_serializers);
        if (TryRead(loaded, out T value) || !call.AsksFactory) return value;

        // A tier has what cannot be read as this type: it is made anew, which replaces it.
        loaded = await _loads.Results.Value(_loads.Reads.Load(key, hash, _core.Find(key, hash), call with { Skip = call.Skip | Skip.TierRead }, cancellationToken, long.MaxValue)).ConfigureAwait(false);
        return loaded is EncodedValue made ? made.Read<T>(_serializers) : TryRead(loaded, out value) ? value : throw new InvalidOperationException($"A value of another type than {typeof(T)} came for the key.");
    }

    private bool TryRead<T>(HybridValue? kept, out T value)
    {
        value = default!;
        switch (kept)
        {
            case null: return value is null;
            case HeldValue<T> held:
                value = held.Value;
                return true;
            default: return kept is EncodedValue encoded && encoded.TryRead(_serializers, out value);
        }
    }

    private HybridLives LivesOf(HybridCacheEntryOptions? options) => options is null or { Expiration: null, LocalCacheExpiration: null } ? _lives : new(
        LocalOf(options) is { } local ? _lives.InMemory with { Fresh = AtLeastNone(local) } : _lives.InMemory,
        options.Expiration is { } expiration ? _lives.Below with { Fresh = AtLeastNone(expiration) } : _lives.Below);

    // As with Microsoft's, a change is made whatever the token says, and nothing is thrown: it ends only the wait for the tiers.
    private static async ValueTask MadeAsync(Task change, CancellationToken cancellationToken)
    {
        try
        {
            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    // An end that was worked out may lie in the past; then the value is made and not kept.
    private static TimeSpan AtLeastNone(TimeSpan life) => life < TimeSpan.Zero ? TimeSpan.Zero : life;

    // No longer in memory than altogether, where both are said together.
    private static TimeSpan? LocalOf(HybridCacheEntryOptions? options) => options switch
    {
        { LocalCacheExpiration: { } local, Expiration: { } overall } => local < overall ? local : overall,
        _ => options?.LocalCacheExpiration ?? options?.Expiration,
    };

    private static TagSet TagsOf(IEnumerable<string>? tags) => tags is null ? default : TagSet.Create([.. tags.Select(TagOf)]);

    // As with Microsoft's, any text is a tag that is neither blank nor the star, however long or broken.
    private static string TagOf(string tag) => string.IsNullOrWhiteSpace(tag) || tag == TagSet.Everything ? tag : TagSet.For(tag);

    // Control characters have no place in keys: tiers' clients may take them for more than that.
    private bool IsGood([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] string? key)
    {
        string? fault = string.IsNullOrWhiteSpace(key) ? "it is empty"
            : key.Length > _options.MaximumKeyLength ? "it is too long"
            : key.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0 ? "it has control characters"
            : !WholeText.Is(key) ? "it has half a character" : null;
        if (fault is not null && EverFewer.IsDue(Interlocked.Increment(ref _refused))) _options.Logger.HybridKeyRefused(fault);
        return fault is null;
    }
}
