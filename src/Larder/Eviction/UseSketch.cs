using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Larder.Eviction;

/// <summary>Remembers about how often keys were used lately, up to 15, in eight bytes per entry, or four in caches of over 8,000. Forgets by halving.</summary>
/// <remarks>
/// A count-min sketch of four-bit counters (Cormode and Muthukrishnan, 2005) with the ageing of TinyLFU (Einziger et al.,
/// 2017): a key has four counters, all in one block of 64 bytes, and its estimate is the least of them. After twenty uses
/// per cached entry every counter is halved. Twenty, where TinyLFU has ten: with the margin of a <see cref="Regime"/>
/// the longer memory won on every loop and lost nowhere.
/// </remarks>
internal sealed class UseSketch
{
    private const int BlockWords = 8;
    private const int SmallestInBlocks = 32;

    // Up to LargeBlocks blocks, one serves 8 entries; from then on 16, for small caches need the precision and large ones the room.
    private const int EntriesOfSmall = 8;
    private const int EntriesOfLarge = 16;
    private const int LargeBlocks = 1024;

    private const ulong LowThreeBitsOfEach = 0x7777777777777777;

    private readonly uint _seed;

    // The blocks begin at _first, where a line of the processor's cache began when the array was made: large arrays stay where
    // they are, and there a block is one line, not two.
    private ulong[] _words;
    private int _first;
    private int _blocks;

    // Uses counted since counters were halved, half of those before included.
    private long _uses;
    private long _period;

    public UseSketch(long entries, uint seed)
    {
        _seed = seed;
        _blocks = BlocksFor(entries);
        _words = Allocate(_blocks, out _first);
        SetEntries(entries);
    }

    /// <summary>How many entries the cache holds: sets how long a use is remembered.</summary>
    public void SetEntries(long entries) => _period = 20 * Math.Max(8, entries);

    public int Frequency(int hash)
    {
        uint mixed = HashMix.Mix(hash, _seed);
        int block = _first + HashMix.Range(mixed, _blocks) * BlockWords;
        uint picks = Picks(mixed);
        int least = 15;
        for (int row = 0; row < 4; row++, picks >>= 8)
            least = Math.Min(least, (int)(_words[Word(block, row, picks)] >> Shift(picks)) & 15);
        return least;
    }

    public void Increment(int hash, int times = 1)
    {
        if (times == 0) return;
        uint mixed = HashMix.Mix(hash, _seed);
        int block = _first + HashMix.Range(mixed, _blocks) * BlockWords;
        for (; times > 0; times--)
            if (IncrementBlock(block, Picks(mixed)) && ++_uses >= _period) Halve();
    }

    /// <summary>Makes room for so many entries, about twice as many as before. Every key keeps its counters, since its block's two halves start as copies.</summary>
    public void Grow(long entries)
    {
        while (_blocks < BlocksFor(entries)) DoubleBlocks();
        SetEntries(entries);
    }

    private static int BlocksFor(long entries) =>
        (int)Math.Max(SmallestInBlocks, Math.Max((entries + EntriesOfLarge - 1) / EntriesOfLarge, Math.Min(LargeBlocks, (entries + EntriesOfSmall - 1) / EntriesOfSmall)));

    private void DoubleBlocks()
    {
        var old = _words.AsSpan(_first);
        _words = Allocate(_blocks * 2, out _first);
        var grown = _words.AsSpan(_first);
        for (int block = 0; block < _blocks; block++)
        {
            var from = old.Slice(block * BlockWords, BlockWords);
            from.CopyTo(grown[(2 * block * BlockWords)..]);
            from.CopyTo(grown[((2 * block + 1) * BlockWords)..]);
        }

        _blocks *= 2;
    }

    private static unsafe ulong[] Allocate(int blocks, out int first)
    {
        var words = new ulong[(blocks + 1) * BlockWords];
        nuint begin = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(words)) / sizeof(ulong);
        first = (int)(0 - begin) & (BlockWords - 1);
        return words;
    }

    private bool IncrementBlock(int block, uint picks)
    {
        bool added = false;
        for (int row = 0; row < 4; row++, picks >>= 8)
        {
            ref ulong word = ref _words[Word(block, row, picks)];
            int shift = Shift(picks);
            if (((word >> shift) & 15) == 15) continue;
            word += 1UL << shift;
            added = true;
        }

        return added;
    }

    private void Halve()
    {
        _uses /= 2;
        var words = _words.AsSpan();
        var mask = new Vector<ulong>(LowThreeBitsOfEach);
        int i = 0;
        for (; i + Vector<ulong>.Count <= words.Length; i += Vector<ulong>.Count)
        {
            var part = words[i..];
            ((new Vector<ulong>(part) >>> 1) & mask).CopyTo(part);
        }

        for (; i < words.Length; i++)
            words[i] = (words[i] >> 1) & LowThreeBitsOfEach;
    }

    // A second hash: eight bits for each row, one to choose between two words and four to choose a counter.
    private static uint Picks(uint mixed)
    {
        mixed *= 0x9E3779B1u;
        return mixed ^ (mixed >> 15);
    }

    private static int Word(int block, int row, uint picks) => block + 2 * row + (int)(picks & 1);

    private static int Shift(uint picks) => (int)((picks >> 1) & 15) * 4;
}
