using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Larder.Tiers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Tests.Tiers;

/// <summary>The example of docs/concepts/tiers.md: a serializer of one's own.</summary>
public sealed class ProtobufTests
{
    [Fact]
    public void A_message_goes_through_an_envelope_and_comes_back()
    {
        var serializer = new ProtobufSerializer<Struct>(Struct.Parser);
        var message = new Struct { Fields = { ["name"] = Value.ForString("lamp"), ["count"] = Value.ForNumber(3) } };
        using var buffer = new EnvelopeBuffer();
        serializer.Serialize(message, buffer);
        var envelope = buffer.Seal(new(EnvelopeHeader.HashOf("shop"), 1, 0, 1, 1, 1));
        Assert.Equal(EnvelopeFault.None, Envelope.Read(new(envelope), out _, out var payload));
        Assert.Equal(message, serializer.Deserialize(payload));
    }

    private sealed class ProtobufSerializer<T>(MessageParser<T> parser) : IHybridCacheSerializer<T> where T : IMessage<T>
    {
        public void Serialize(T value, IBufferWriter<byte> target) => value.WriteTo(target);

        public T Deserialize(ReadOnlySequence<byte> source) => parser.ParseFrom(source);
    }
}
