using System.Buffers.Binary;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Tiers;

/// <summary>Which types are kept as their bare bytes: little-endian, the same on every machine.</summary>
internal static class RawPayloads
{
    private static readonly RawBytes _bytes = new();

    private static readonly Dictionary<Type, object> _all = new()
    {
        [typeof(byte[])] = _bytes,
        [typeof(ReadOnlyMemory<byte>)] = _bytes,
        [typeof(Memory<byte>)] = _bytes,
        [typeof(string)] = new RawText(),
        [typeof(bool)] = new RawPayload<bool>(1, static (room, value) => room[0] = value ? (byte)1 : (byte)0, static bytes => bytes[0] switch
        {
            0 => false,
            1 => true,
            var other => throw new FormatException($"A Boolean is 0 or 1; there is {other}."),
        }),
        [typeof(byte)] = new RawPayload<byte>(1, static (room, value) => room[0] = value, static bytes => bytes[0]),
        [typeof(sbyte)] = new RawPayload<sbyte>(1, static (room, value) => room[0] = (byte)value, static bytes => (sbyte)bytes[0]),
        [typeof(char)] = new RawPayload<char>(2, static (room, value) => BinaryPrimitives.WriteUInt16LittleEndian(room, value), static bytes => (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
        [typeof(short)] = new RawPayload<short>(2, BinaryPrimitives.WriteInt16LittleEndian, BinaryPrimitives.ReadInt16LittleEndian),
        [typeof(ushort)] = new RawPayload<ushort>(2, BinaryPrimitives.WriteUInt16LittleEndian, BinaryPrimitives.ReadUInt16LittleEndian),
        [typeof(int)] = new RawPayload<int>(4, BinaryPrimitives.WriteInt32LittleEndian, BinaryPrimitives.ReadInt32LittleEndian),
        [typeof(uint)] = new RawPayload<uint>(4, BinaryPrimitives.WriteUInt32LittleEndian, BinaryPrimitives.ReadUInt32LittleEndian),
        [typeof(long)] = new RawPayload<long>(8, BinaryPrimitives.WriteInt64LittleEndian, BinaryPrimitives.ReadInt64LittleEndian),
        [typeof(ulong)] = new RawPayload<ulong>(8, BinaryPrimitives.WriteUInt64LittleEndian, BinaryPrimitives.ReadUInt64LittleEndian),
        [typeof(Int128)] = new RawPayload<Int128>(16, BinaryPrimitives.WriteInt128LittleEndian, BinaryPrimitives.ReadInt128LittleEndian),
        [typeof(UInt128)] = new RawPayload<UInt128>(16, BinaryPrimitives.WriteUInt128LittleEndian, BinaryPrimitives.ReadUInt128LittleEndian),
        [typeof(Half)] = new RawPayload<Half>(2, BinaryPrimitives.WriteHalfLittleEndian, BinaryPrimitives.ReadHalfLittleEndian),
        [typeof(float)] = new RawPayload<float>(4, BinaryPrimitives.WriteSingleLittleEndian, BinaryPrimitives.ReadSingleLittleEndian),
        [typeof(double)] = new RawPayload<double>(8, BinaryPrimitives.WriteDoubleLittleEndian, BinaryPrimitives.ReadDoubleLittleEndian),
        [typeof(decimal)] = new RawPayload<decimal>(16, WriteDecimal, ReadDecimal),
        [typeof(Guid)] = new RawPayload<Guid>(16, static (room, value) => value.TryWriteBytes(room), static bytes => new Guid(bytes)),
        [typeof(TimeSpan)] = new RawPayload<TimeSpan>(8, static (room, value) => BinaryPrimitives.WriteInt64LittleEndian(room, value.Ticks), static bytes => new(BinaryPrimitives.ReadInt64LittleEndian(bytes))),
        [typeof(DateTime)] = new RawPayload<DateTime>(8, static (room, value) => BinaryPrimitives.WriteInt64LittleEndian(room, value.ToBinary()), static bytes => DateTime.FromBinary(BinaryPrimitives.ReadInt64LittleEndian(bytes))),
        [typeof(DateTimeOffset)] = new RawPayload<DateTimeOffset>(10, WriteInstant, ReadInstant),
        [typeof(DateOnly)] = new RawPayload<DateOnly>(4, static (room, value) => BinaryPrimitives.WriteInt32LittleEndian(room, value.DayNumber), static bytes => DateOnly.FromDayNumber(BinaryPrimitives.ReadInt32LittleEndian(bytes))),
        [typeof(TimeOnly)] = new RawPayload<TimeOnly>(8, static (room, value) => BinaryPrimitives.WriteInt64LittleEndian(room, value.Ticks), static bytes => new(BinaryPrimitives.ReadInt64LittleEndian(bytes))),
    };

    /// <summary>The serializer of a type that is kept raw; null for any other.</summary>
    internal static IHybridCacheSerializer<T>? Of<T>() => _all.TryGetValue(typeof(T), out object? found) ? (IHybridCacheSerializer<T>)found : null;

    private static void WriteDecimal(Span<byte> room, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        for (int i = 0; i < parts.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(room[(4 * i)..], parts[i]);
    }

    private static decimal ReadDecimal(ReadOnlySpan<byte> bytes)
    {
        Span<int> parts = stackalloc int[4];
        for (int i = 0; i < parts.Length; i++) parts[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]);
        return new(parts);
    }

    private static void WriteInstant(Span<byte> room, DateTimeOffset value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(room, value.Ticks);
        BinaryPrimitives.WriteInt16LittleEndian(room[8..], (short)value.TotalOffsetMinutes);
    }

    private static DateTimeOffset ReadInstant(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(bytes), TimeSpan.FromMinutes(BinaryPrimitives.ReadInt16LittleEndian(bytes[8..])));
}
