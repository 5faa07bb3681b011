using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Larder.Observability;
using Larder.Tiers;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Larder.Hosting;

/// <summary>Which serializer a type has: its own from the container, one from a factory there (the last added first), the raw bytes of simple types, or else JSON.</summary>
internal sealed class HybridSerializers
{
    private readonly ConcurrentDictionary<Type, Known> _byType = new(); // As many as there are types.
    private readonly IServiceProvider? _services;
    private readonly IHybridCacheSerializerFactory[] _factories;
    private JsonSerializerOptions? _json; // With a resolver once it was needed, if reflection is on.
    private readonly ILogger _logger;
    private readonly int _limit;
    private long _unreadable;

    internal HybridSerializers(LarderHybridCacheOptions options, IServiceProvider? services)
    {
        _services = services;
        _factories = [.. (services?.GetServices<IHybridCacheSerializerFactory>() ?? []).Reverse()];
        _json = options.Json ?? (services as IKeyedServiceProvider)?.GetKeyedService<JsonSerializerOptions>(typeof(IHybridCacheSerializer<>)); // Not every container knows of keys.
        _logger = options.Logger;
        _limit = options.MaximumPayloadBytes;
    }

    /// <exception cref="InvalidOperationException">The type has none.</exception>
    internal IHybridCacheSerializer<T> Of<T>() => (IHybridCacheSerializer<T>)KnownOf<T>().Serializer;

    /// <summary>What tells the raw bytes of one type from those of another, as which they could be read too; zero where a serializer has to tell.</summary>
    internal uint MarkOf<T>() => KnownOf<T>().Mark;

    /// <summary>The value's bytes. More of them than are allowed stay in memory; tiers are passed by. Throws what the serializer throws.</summary>
    internal byte[] Serialize<T>(T value)
    {
        using var buffer = new PooledBuffer();
        Of<T>().Serialize(value, buffer);
        if (buffer.Length > _limit) _logger.HybridValueTooLarge(typeof(T), buffer.Length, _limit);
        return buffer.Written.ToArray();
    }

    internal void CountUnreadable(Type type, Exception error)
    {
        long count = Interlocked.Increment(ref _unreadable);
        if (EverFewer.IsDue(count)) _logger.HybridValueUnreadable(type, count, error);
    }

    private Known KnownOf<T>()
    {
        if (_byType.TryGetValue(typeof(T), out var known)) return known;
        object? own = _services?.GetService<IHybridCacheSerializer<T>>() ?? Made<T>();
        known = own is null && RawPayloads.Of<T>() is { } raw ? new(raw, Crc32C.Of(Encoding.UTF8.GetBytes(typeof(T).ToString())) | 1) : new(own ?? Json<T>(), 0);
        return _byType.GetOrAdd(typeof(T), known);
    }

    private IHybridCacheSerializer<T>? Made<T>()
    {
        foreach (var factory in _factories)
            if (factory.TryCreateSerializer<T>(out var serializer)) return serializer;

        return null;
    }

    private JsonPayload<T> Json<T>()
    {
        _json = _json is { TypeInfoResolver: not null } ? _json : ByReflection(_json);
        return _json?.GetTypeInfo(typeof(T)) is JsonTypeInfo<T> shape
            ? new JsonPayload<T>(shape)
            : throw new InvalidOperationException($"{typeof(T)} has no serializer: add an IHybridCacheSerializer<{typeof(T).Name}>, or a JsonTypeInfoResolver that knows it, for reflection is switched off here.");
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where reflection is on; where code is trimmed it is off, and there is an exception that says what to do.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As above.")]
    private static JsonSerializerOptions? ByReflection(JsonSerializerOptions? given)
    {
        if (!JsonSerializer.IsReflectionEnabledByDefault) return null;
        var options = given is null ? new() { IncludeFields = true } : new JsonSerializerOptions(given);
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        options.MakeReadOnly();
        return options;
    }

    private sealed record Known(object Serializer, uint Mark);
}
