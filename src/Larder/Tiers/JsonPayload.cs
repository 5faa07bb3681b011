using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Tiers;

/// <summary>Values as UTF-8 JSON.</summary>
internal sealed class JsonPayload<T>(JsonTypeInfo<T> shape) : IHybridCacheSerializer<T>
{
    public void Serialize(T value, IBufferWriter<byte> target)
    {
        using var writer = new Utf8JsonWriter(target, new() { Encoder = shape.Options.Encoder, MaxDepth = shape.Options.MaxDepth, SkipValidation = true });
        JsonSerializer.Serialize(writer, value, shape);
    }

    public T Deserialize(ReadOnlySequence<byte> source)
    {
        var reader = new Utf8JsonReader(source, new JsonReaderOptions { MaxDepth = shape.Options.MaxDepth, CommentHandling = shape.Options.ReadCommentHandling, AllowTrailingCommas = shape.Options.AllowTrailingCommas });
        var value = JsonSerializer.Deserialize(ref reader, shape)!;
        if (reader.Read()) throw new JsonException("There is more behind the value.");
        return value;
    }
}
