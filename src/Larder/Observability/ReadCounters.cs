using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Larder.Observability;

/// <summary>
/// Counts reads exactly and almost for free: each thread adds to a cell of its own, without an interlocked instruction and
/// without a line that two cores write.
/// </summary>
/// <remarks>
/// A thread is told by where its stack is: two threads' stacks never share a block of 64 KB, but for the last of a stack
/// about to overflow. That takes two instructions, where a thread-static takes a call and spills the registers of the
/// whole hit path (docs/decisions/004). A cell belongs to the first block that claims it; a block that finds its cell taken
/// counts by interlocked instructions. A struct inside the object of the hit path, which finds it without a load; never copied.
/// </remarks>
internal struct ReadCounters
{
    private const int BlockBits = 16;
    private const int CellCount = 128;

    // A cell is sixteen words, two lines, so that neighbours never share one wherever the array begins:
    // hits, owner, misses, absent hits, expired, stale hits, ten unused. The hits are first, for so their address is the cell's.
    private const int CellBits = 4;
    private const int WordBits = 3;

    // By which a block is spread over the cells, and how far down its bits then are: of 31 bits, so that it fits into the instruction.
    private const long Spread = 0x1E37_79B1;
    private const int Spreading = 16;

    private const int Hits = 0;
    private const int Owner = 1;
    private const int Misses = 2;
    private const int AbsentHits = 3;
    private const int Expired = 4;
    private const int StaleHits = 5;

    // The owner, once it is not zero, never changes, and its thread alone writes the counts. Within the object, for an array
    // would cost the hit path a load, a length and a check.
    private CellArray _cells;

    // What blocks without a cell have counted, laid out as a cell. Written by interlocked instructions.
    private readonly long[] _others;

    // What had been counted when the counts were last reset. Guarded by _gate.
    private ReadCounts _before;

    private readonly Lock _gate;

    public ReadCounters()
    {
        _others = new long[1 << CellBits];
        _gate = new();
    }

    /// <summary>Counts a hit, unless this thread has no cell yet or shares it: then who calls counts it by <see cref="Add(ReadStatus)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryAddHit()
    {
        // As OwnCell does, written out: a reference that may be null costs the hit path a comparison.
        long block = Block();
        ref long cell = ref CellOf(block);
        if (Unsafe.Add(ref cell, Owner) != block)
        {
            if (Unsafe.Add(ref cell, Owner) == 0) Claim(block);
            return false;
        }

        AddHit(ref cell);
        return true;
    }

    /// <summary>This thread's cell, for <see cref="AddHit"/> and <see cref="AddStaleHit"/>; a null reference if it has none yet or shares it.</summary>
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref long OwnCell()
    {
        long block = Block();
        ref long cell = ref CellOf(block);
        if (Unsafe.Add(ref cell, Owner) == block) return ref cell;

        // Here and not only where it is counted instead: that stands deeper in the stack, perhaps in another block.
        if (Unsafe.Add(ref cell, Owner) == 0) Claim(block);
        return ref Unsafe.NullRef<long>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddHit(ref long ownCell) => ownCell++;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddStaleHit(ref long ownCell) => Unsafe.Add(ref ownCell, StaleHits)++;

    internal void AddMiss() => Add(Misses);

    /// <summary>Counts a read by what it met, which it returns.</summary>
    internal ReadStatus Add(ReadStatus status)
    {
        Add(status switch
        {
            ReadStatus.Hit => Hits,
            ReadStatus.Stale => StaleHits,
            ReadStatus.Absent => AbsentHits,
            ReadStatus.Expired => Expired,
            _ => Misses,
        });
        return status;
    }

    internal ReadCounts Read()
    {
        lock (_gate)
        {
            var now = Sum();
            return new(now.Hits - _before.Hits, now.Misses - _before.Misses, now.AbsentHits - _before.AbsentHits,
                now.StaleHits - _before.StaleHits, now.Expired - _before.Expired);
        }
    }

    internal void Reset()
    {
        lock (_gate) _before = Sum();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Add(int kind)
    {
        long block = Block();
        ref long cell = ref CellOf(block);
        ref long owner = ref Unsafe.Add(ref cell, Owner);
        if (owner == 0) Claim(block);
        if (owner == block) Unsafe.Add(ref cell, kind)++;
        else Interlocked.Increment(ref _others[kind]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Claim(long block) => Interlocked.CompareExchange(ref Unsafe.Add(ref CellOf(block), Owner), block, 0);

    /// <summary>What has been counted since the beginning, resets or not.</summary>
    internal ReadCounts Sum()
    {
        var sums = new long[1 << CellBits];
        AddUp(_cells);
        AddUp(_others);
        return new(sums[Hits], sums[Misses], sums[AbsentHits], sums[StaleHits], sums[Expired]);

        void AddUp(ReadOnlySpan<long> counts)
        {
            for (int i = 0; i < counts.Length; i++) sums[i & ((1 << CellBits) - 1)] += Volatile.Read(in counts[i]);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe long Block()
    {
        byte here;
        return (long)((nuint)(&here) >> BlockBits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [UnscopedRef]
    private ref long CellOf(long block) =>
        ref Unsafe.AddByteOffset(ref Unsafe.As<CellArray, long>(ref _cells), (nint)((block * Spread) >> (Spreading - CellBits - WordBits)) & ((CellCount - 1) << (CellBits + WordBits)));

    [InlineArray(CellCount << CellBits)]
    private struct CellArray
    {
        private long _first;
    }
}
