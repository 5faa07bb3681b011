using System.Runtime.CompilerServices;

namespace Larder.Memory;

/// <summary>How keys are hashed and compared: decided once, so that the common kinds of key cost no virtual call.</summary>
internal readonly struct KeyLookup<TKey> where TKey : notnull
{
    // Null for value types with their own equality, which the JIT then inlines, and for strings by ordinal.
    private readonly IEqualityComparer<TKey>? _comparer;

    internal KeyLookup(IEqualityComparer<TKey>? comparer)
    {
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

    internal int Hash(TKey key) => _comparer is { } comparer ? Spread(comparer.GetHashCode(key)) : PlainHash(key);

    internal bool Equal(TKey a, TKey b) => _comparer is { } comparer ? comparer.Equals(a, b) : PlainEqual(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int PlainHash(TKey key) =>
        typeof(TKey).IsValueType ? Spread(key.GetHashCode()) : StringHash.Of(Unsafe.As<TKey, string>(ref key));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool PlainEqual(TKey a, TKey b) => typeof(TKey).IsValueType
        ? EqualityComparer<TKey>.Default.Equals(a, b)
        : string.Equals(Unsafe.As<TKey, string>(ref a), Unsafe.As<TKey, string>(ref b), StringComparison.Ordinal);

    /// <summary>The hash of the string key with these characters.</summary>
    internal int Hash(ReadOnlySpan<char> key) => _comparer is null ? StringHash.Of(key) : Spread(Spans.GetHashCode(key));

    /// <summary>Whether the string key has these characters.</summary>
    internal bool Equal(ReadOnlySpan<char> a, TKey b) =>
        _comparer is null ? a.SequenceEqual(Unsafe.As<TKey, string>(ref b)) : Spans.Equals(a, Unsafe.As<TKey, string>(ref b));

    private IAlternateEqualityComparer<ReadOnlySpan<char>, string> Spans =>
        _comparer as IAlternateEqualityComparer<ReadOnlySpan<char>, string>
        ?? throw new InvalidOperationException($"The cache's comparer is a {_comparer!.GetType().Name}, which cannot look up spans; use one of StringComparer's, or look up a string.");

    /// <summary>Spreads a hash over all 32 bits: keys that differ only above or below some bit still part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Spread(int hash) => (int)(((ulong)(uint)hash * 0x9E37_79B9_7F4A_7C15) >> 32);
}
