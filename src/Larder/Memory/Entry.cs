using System.Runtime.CompilerServices;
using Larder.Expiry;

namespace Larder.Memory;

/// <summary>
/// One key and its value, which is also the link of a hash chain, so that a hit touches one object. Takes 64 bytes where key
/// and value are a word each: where it is in the policy's list and in the timing wheel are four bytes each (docs/decisions/008).
/// </summary>
internal class Entry<TKey, TValue>(TKey key, TValue value, int hash) : TimedNode(hash)
{
    /// <summary>
    /// Whether a value can be replaced in place. A wider one would tear: replacing it replaces the entry.
    /// </summary>
    internal static readonly bool ValueIsAtomic = IsAtomic();

    // Written under the shard's lock, before Deadline; read by anyone, after Deadline. So a reader that sees the
    // deadline of a write sees its value. Never cleared: a reader may still be looking.
    internal TValue Value = value;

    internal readonly TKey Key = key;

    /// <summary>
    /// The next entry of the bucket. Written under the shard's lock. An entry that left keeps its link, so that a reader
    /// standing on it still reaches the rest of the chain.
    /// </summary>
    internal ref Entry<TKey, TValue>? Next
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.As<EvictionNode?, Entry<TKey, TValue>?>(ref Link);
    }

    private static bool IsAtomic()
    {
        var type = typeof(TValue);
        if (!type.IsValueType) return true;
        if (type.IsEnum) type = Enum.GetUnderlyingType(type);
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean or TypeCode.Byte or TypeCode.SByte or TypeCode.Char or TypeCode.Int16 or TypeCode.UInt16
                or TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Single => true,
            TypeCode.Int64 or TypeCode.UInt64 or TypeCode.Double => IntPtr.Size == 8,
            _ => type == typeof(nint) || type == typeof(nuint),
        };
    }
}

/// <summary>An entry that weighs other than 1, or that lives on by being used. Immutable but for its deadline.</summary>
internal sealed class RichEntry<TKey, TValue>(TKey key, TValue value, int hash, long weight, long idle, long hardDeadline)
    : Entry<TKey, TValue>(key, value, hash)
{
    public override long Weight => weight;

    /// <summary>The entry was used: it lives for its idle time from now, but not beyond its hard deadline.</summary>
    internal void Prolong(long now)
    {
        long deadline = Volatile.Read(ref Deadline);
        long prolonged = idle > hardDeadline - now ? hardDeadline : now + idle;

        // Compared first, for the line of a hot entry must not be written by every reader; and exchanged only against what
        // was read, for an absence's deadline is below zero and whoever writes over the entry has the last word.
        if (idle > 0 && deadline >= 0 && prolonged > deadline) Interlocked.CompareExchange(ref Deadline, prolonged, deadline);
    }
}
