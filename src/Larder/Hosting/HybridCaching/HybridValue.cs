using System.Buffers;
using System.Buffers.Binary;
using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder.Hosting;

/// <summary>A value of whatever type, as a hybrid cache keeps it. Null itself stands for a null value of any type.</summary>
internal abstract class HybridValue
{
    /// <summary>The value as it is kept. Throws what its serializer throws.</summary>
    internal static HybridValue? Of<T>(T value, HybridSerializers serializers) =>
        value is null ? null : HeldValue<T>.MayBeShared ? new HeldValue<T>(value) : new EncodedValue(serializers.Serialize(value), serializers.MarkOf<T>(), typeof(T));

    /// <summary>Writes what tiers keep.</summary>
    internal abstract void WriteTo(IBufferWriter<byte> target, HybridSerializers serializers);

    /// <summary>Of which type it is, as far as bytes alone do not tell: see <see cref="HybridSerializers.MarkOf"/>.</summary>
    internal abstract uint MarkBy(HybridSerializers serializers);
}

/// <summary>A value that nobody can change, shared by all who read it.</summary>
internal sealed class HeldValue<T>(T value) : HybridValue
{
    /// <summary>Whether values of the type may be shared: text, what holds no reference, and sealed types that say so by <see cref="ImmutableObjectAttribute"/>.</summary>
    internal static readonly bool MayBeShared = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() || typeof(T) == typeof(string) || SaysSo(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T));

    internal T Value => value;

    internal override void WriteTo(IBufferWriter<byte> target, HybridSerializers serializers) => serializers.Of<T>().Serialize(value, target);

    internal override uint MarkBy(HybridSerializers serializers) => serializers.MarkOf<T>();

    private static bool SaysSo(Type type) => (type.IsValueType || (type.IsClass && type.IsSealed)) && type.GetCustomAttribute<ImmutableObjectAttribute>() is { Immutable: true };
}

/// <summary>A value's bytes: of one that everybody who reads it has a copy of, or of one that came from a tier, whose type is the reader's affair.</summary>
/// <param name="bytes">The bytes; nobody changes them.</param>
/// <param name="mark">Of which type they are; see <see cref="HybridSerializers.MarkOf"/>.</param>
/// <param name="type">The type they were made of; null if that is not known, and then the first type they are read as.</param>
internal sealed class EncodedValue(byte[] bytes, uint mark, Type? type) : HybridValue
{
    private Type? _type = type;
    private HybridValue? _held; // Once read, if it may be shared. Written by any reader.

    /// <summary>The type, as far as it is known.</summary>
    internal Type? Type => Volatile.Read(ref _type);

    /// <summary>Reads it; false if it is of another type, or cannot be read.</summary>
    internal bool TryRead<T>(HybridSerializers serializers, out T value)
    {
        value = default!;
        try
        {
            if (Type is { } known ? known != typeof(T) : mark != serializers.MarkOf<T>()) return false;
            value = Read<T>(serializers);
            return true;
        }
        catch (Exception error)
        {
            serializers.CountUnreadable(typeof(T), error);
            return false;
        }
    }

    /// <summary>Reads it. Throws what the serializer throws.</summary>
    internal T Read<T>(HybridSerializers serializers)
    {
        if (Volatile.Read(ref _held) is HeldValue<T> held) return held.Value;
        var value = serializers.Of<T>().Deserialize(new ReadOnlySequence<byte>(bytes));
        Volatile.Write(ref _type, typeof(T));
        if (HeldValue<T>.MayBeShared) Volatile.Write(ref _held, new HeldValue<T>(value));
        return value;
    }

    internal override void WriteTo(IBufferWriter<byte> target, HybridSerializers serializers) => target.Write(bytes);

    internal override uint MarkBy(HybridSerializers serializers) => mark;
}

/// <summary>The bytes of a value behind its mark; what comes from a tier waits to be read until somebody says as what.</summary>
internal sealed class HybridValueSerializer(HybridSerializers serializers) : IHybridCacheSerializer<HybridValue?>
{
    public void Serialize(HybridValue? value, IBufferWriter<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target.GetSpan(sizeof(uint)), value!.MarkBy(serializers));
        target.Advance(sizeof(uint));
        value.WriteTo(target, serializers);
    }

    public HybridValue? Deserialize(ReadOnlySequence<byte> source)
    {
        byte[] all = source.ToArray();
        return new EncodedValue(all[sizeof(uint)..], BinaryPrimitives.ReadUInt32LittleEndian(all), null);
    }
}
