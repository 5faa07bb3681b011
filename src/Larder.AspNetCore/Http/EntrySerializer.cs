using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.AspNetCore.Http;

/// <summary>What tiers keep of an entry: its kind, numbers of 7 bits a byte, text in UTF-8 behind its length, times in ticks; the body last, as it is.</summary>
internal sealed class EntrySerializer(LarderHttpCacheOptions options) : IHybridCacheSerializer<HttpEntry>
{
    private const byte OfResponse = 1;
    private const byte OfRule = 2;

    public void Serialize(HttpEntry value, IBufferWriter<byte> target)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        switch (value)
        {
            case VaryRule rule:
                writer.Write(OfRule);
                writer.Write(rule.Generation);
                writer.Write7BitEncodedInt(rule.Names.Length);
                foreach (string name in rule.Names) writer.Write(name);
                break;
            case StoredResponse response:
                writer.Write(OfResponse);
                Write(writer, response);
                break;
            default: throw new NotSupportedException($"A {value?.GetType().Name ?? "null"} is not kept.");
        }

        writer.Flush();
        target.Write(stream.GetBuffer().AsSpan(0, (int)stream.Length));
        if (value is StoredResponse { Body: var body }) target.Write(body);
    }

    /// <exception cref="FormatException">It is no entry.</exception>
    public HttpEntry Deserialize(ReadOnlySequence<byte> source)
    {
        byte[] bytes = source.ToArray();
        using var stream = new MemoryStream(bytes);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        try
        {
            return reader.ReadByte() switch
            {
                OfRule => ReadRule(reader),
                OfResponse => ReadResponse(reader, bytes),
                var other => throw new FormatException($"There is no entry of kind {other}."),
            };
        }
        catch (Exception error) when (error is IOException or ArgumentException or OverflowException)
        {
            throw new FormatException("The bytes are no entry.", error);
        }
    }

    private static void Write(BinaryWriter writer, StoredResponse response)
    {
        var head = response.Head;
        writer.Write7BitEncodedInt(head.Status);
        writer.Write(head.Reason is not null);
        writer.Write(head.Reason ?? "");
        writer.Write7BitEncodedInt(head.Version.Major);
        writer.Write7BitEncodedInt(head.Version.Minor);
        writer.Write(head.RequestedAt.UtcTicks);
        writer.Write(head.ReceivedAt.UtcTicks);
        writer.Write(head.Selector);
        writer.Write7BitEncodedInt(response.Headers.Lines.Length);
        foreach (var (name, value) in response.Headers.Lines)
        {
            writer.Write(name);
            writer.Write(value);
        }
    }

    private static VaryRule ReadRule(BinaryReader reader)
    {
        string generation = reader.ReadString();
        string[] names = new string[CountOf(reader)];
        for (int i = 0; i < names.Length; i++) names[i] = reader.ReadString();
        return new(names, generation);
    }

    private StoredResponse ReadResponse(BinaryReader reader, byte[] bytes)
    {
        int status = reader.Read7BitEncodedInt();
        if (status is < 200 or > 999) throw new FormatException($"{status} is no status of a response that is kept.");
        bool hasReason = reader.ReadBoolean();
        string reason = reader.ReadString();
        var version = new Version(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
        var requestedAt = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        var receivedAt = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        string selector = reader.ReadString();
        var lines = new KeyValuePair<string, string>[CountOf(reader)];
        for (int i = 0; i < lines.Length; i++) lines[i] = new(reader.ReadString(), reader.ReadString());
        byte[] body = bytes[(int)reader.BaseStream.Position..];
        return new(new(status, hasReason ? reason : null, version, requestedAt, receivedAt, selector), new(lines), body, options);
    }

    // Each item takes a byte at least.
    private static int CountOf(BinaryReader reader)
    {
        int count = reader.Read7BitEncodedInt();
        return count >= 0 && count <= reader.BaseStream.Length - reader.BaseStream.Position ? count : throw new FormatException($"There cannot be {count} items.");
    }
}
