using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Larder.Tiers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder;

/// <summary>
/// How values become the bytes that tiers keep. Any <see cref="IHybridCacheSerializer{T}"/> will do; these are the ones that come along.
/// </summary>
/// <remarks>Null values and known absences are the envelope's affair: a serializer is asked for neither.</remarks>
/// <example><code>
/// var ofUsers = PayloadSerializer.Json&lt;User&gt;(ShopJson.Default);     // ShopJson: a source-generated JsonSerializerContext
/// var ofTexts = PayloadSerializer.Raw&lt;string&gt;();
/// </code></example>
public static class PayloadSerializer
{
    private const string Reflects = "Finds the members of the type at run time. Give a JsonTypeInfo or a JsonSerializerContext where code is trimmed or compiled ahead.";

    /// <summary>
    /// The bare bytes of text (UTF-8), <c>byte[]</c>, <c>Memory&lt;byte&gt;</c>, numbers, <see cref="bool"/>, <see cref="char"/>, <see cref="Guid"/> and the types of time.
    /// </summary>
    /// <exception cref="NotSupportedException">It is none of these types.</exception>
    public static IHybridCacheSerializer<T> Raw<T>() =>
        RawPayloads.Of<T>() ?? throw new NotSupportedException($"{typeof(T)} has no raw form; numbers, bool, char, Guid, string, byte[], Memory<byte> and the types of time have.");

    /// <summary>Whether <see cref="Raw{T}"/> takes the type.</summary>
    public static bool HasRaw<T>() => RawPayloads.Of<T>() is not null;

    /// <summary>JSON, by the metadata given.</summary>
    public static IHybridCacheSerializer<T> Json<T>(JsonTypeInfo<T> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new JsonPayload<T>(shape);
    }

    /// <summary>JSON, by a source-generated context.</summary>
    /// <exception cref="ArgumentException">The context does not know the type.</exception>
    public static IHybridCacheSerializer<T> Json<T>(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetTypeInfo(typeof(T)) is JsonTypeInfo<T> shape
            ? new JsonPayload<T>(shape)
            : throw new ArgumentException($"{context.GetType().Name} does not know {typeof(T)}; add [JsonSerializable(typeof({typeof(T).Name}))] to it.", nameof(context));
    }

    /// <summary>JSON, by reflection or by the resolvers of the options.</summary>
    [RequiresUnreferencedCode(Reflects)]
    [RequiresDynamicCode(Reflects)]
    public static IHybridCacheSerializer<T> Json<T>(JsonSerializerOptions? options = null)
    {
        options ??= JsonSerializerOptions.Default;
        if (options.TypeInfoResolver is null) options.MakeReadOnly(populateMissingResolver: true);
        return new JsonPayload<T>((JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
    }

    /// <summary>Raw for the types that have a raw form, JSON by reflection for all others.</summary>
    [RequiresUnreferencedCode(Reflects)]
    [RequiresDynamicCode(Reflects)]
    public static IHybridCacheSerializer<T> Default<T>() => RawPayloads.Of<T>() ?? Json<T>();
}
