using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Tiers;

/// <summary>Bytes as they are.</summary>
internal sealed class RawBytes : IHybridCacheSerializer<byte[]>, IHybridCacheSerializer<ReadOnlyMemory<byte>>, IHybridCacheSerializer<Memory<byte>>
{
    public void Serialize(byte[] value, IBufferWriter<byte> target) => target.Write(value);

    public void Serialize(ReadOnlyMemory<byte> value, IBufferWriter<byte> target) => target.Write(value.Span);

    public void Serialize(Memory<byte> value, IBufferWriter<byte> target) => target.Write(value.Span);

    byte[] IHybridCacheSerializer<byte[]>.Deserialize(ReadOnlySequence<byte> source) => source.ToArray();

    ReadOnlyMemory<byte> IHybridCacheSerializer<ReadOnlyMemory<byte>>.Deserialize(ReadOnlySequence<byte> source) => source.ToArray();

    Memory<byte> IHybridCacheSerializer<Memory<byte>>.Deserialize(ReadOnlySequence<byte> source) => source.ToArray();
}

/// <summary>Text as UTF-8. Characters that are no text (lone surrogates) are refused rather than changed.</summary>
internal sealed class RawText : IHybridCacheSerializer<string>
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public void Serialize(string value, IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(value);
        _strict.GetBytes(value, target);
    }

    public string Deserialize(ReadOnlySequence<byte> source) => _strict.GetString(source);
}
