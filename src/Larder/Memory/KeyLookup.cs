using System.Runtime.CompilerServices;

namespace Larder.Memory;

/// <summary>How keys are hashed and compared: decided once, so that the common kinds of key cost no virtual call.</summary>
/// <remarks>
/// Of a hash, the low eight bits are the slot, which chooses the shard, and the others choose the bucket there. Numbers that
/// follow one another go to the shards in turn, and there to buckets in turn: they neither collide nor lie scattered.
/// docs/decisions/007 has how that compares with a hash that scatters.
/// </remarks>
internal readonly struct KeyLookup<TKey> where TKey : notnull
{
    // Null for value types with their own equality, which the JIT then inlines, and for strings by ordinal.
    private readonly IEqualityComparer<TKey>? _comparer;

    // The factor, for so many shards.
    internal readonly ulong Factor;

    internal KeyLookup(IEqualityComparer<TKey>? comparer, int shards)
    {
        Factor = OneAndALittle / (uint)shards;
        bool isDefault = comparer is null || comparer == EqualityComparer<TKey>.Default;
        if (typeof(TKey) == typeof(string))
            _comparer = isDefault || ReferenceEquals(comparer, StringComparer.Ordinal) ? null : comparer;
        else
            _comparer = isDefault && typeof(TKey).IsValueType ? null : comparer ?? EqualityComparer<TKey>.Default;
    }

    /// <summary>The comparer as a user would write it.</summary>
    internal IEqualityComparer<TKey> Comparer => _comparer ?? EqualityComparer<TKey>.Default;

    /// <summary>Whether <see cref="PlainHash"/> and <see cref="PlainEqual"/> may be called.</summary>
    internal bool IsPlain => _comparer is null;

    internal int Hash(TKey key) => _comparer is { } comparer ? Spread(comparer.GetHashCode(key), Factor) : PlainHash(key, Factor);

    internal bool Equal(TKey a, TKey b) => _comparer is { } comparer ? comparer.Equals(a, b) : PlainEqual(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int PlainHash(TKey key, ulong factor) =>
        typeof(TKey).IsValueType ? Spread(key.GetHashCode(), factor) : StringHash.Of(Unsafe.As<TKey, string>(ref key));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool PlainEqual(TKey a, TKey b) => typeof(TKey).IsValueType
        ? EqualityComparer<TKey>.Default.Equals(a, b)
        : string.Equals(Unsafe.As<TKey, string>(ref a), Unsafe.As<TKey, string>(ref b), StringComparison.Ordinal);

    /// <summary>The hash of the string key with these characters.</summary>
    internal int Hash(ReadOnlySpan<char> key) => _comparer is null ? StringHash.Of(key) : Spread(Spans.GetHashCode(key), Factor);

    /// <summary>Whether the string key has these characters.</summary>
    internal bool Equal(ReadOnlySpan<char> a, TKey b) =>
        _comparer is null ? a.SequenceEqual(Unsafe.As<TKey, string>(ref b)) : Spans.Equals(a, Unsafe.As<TKey, string>(ref b));

    private IAlternateEqualityComparer<ReadOnlySpan<char>, string> Spans =>
        _comparer as IAlternateEqualityComparer<ReadOnlySpan<char>, string>
        ?? throw new InvalidOperationException($"The cache's comparer is a {_comparer!.GetType().Name}, which cannot look up spans; use one of StringComparer's, or look up a string.");

    // A little more than one, in 32 bits after the point. A number times it is the number's place: whole, it counts buckets
    // through all shards in turn. The fraction sees to it that strides of any length drift from round to round.
    private const ulong OneAndALittle = 0x1_1987_2A13;

    // The place divided by the number of shards: whole, the bucket; the first bits after the point, the shard.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Spread(int hash, ulong factor) => (int)((uint)hash * factor >> (32 - KeyLookup.SlotBits));
}

/// <summary>What of it does not depend on the type of key.</summary>
internal static class KeyLookup
{
    /// <summary>How many bits of a hash are its slot.</summary>
    internal const int SlotBits = 8;
}
