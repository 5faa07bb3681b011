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
    private const int Most = 15;

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
        uint mixed = HashMix.Mix(hash, _seed), picks = Picks(mixed);
        ref ulong block = ref Block(mixed);
        int least = Math.Min(Counter(ref block, 0, picks), Counter(ref block, 1, picks >> 8));
        return Math.Min(least, Math.Min(Counter(ref block, 2, picks >> 16), Counter(ref block, 3, picks >> 24)));
    }

    public void Increment(int hash, int times = 1)
    {
        uint mixed = HashMix.Mix(hash, _seed), picks = Picks(mixed);
        ref ulong block = ref Block(mixed);
        int added = Math.Max(Raise(ref block, 0, picks, times), Raise(ref block, 1, picks >> 8, times));
        added = Math.Max(added, Math.Max(Raise(ref block, 2, picks >> 16, times), Raise(ref block, 3, picks >> 24, times)));
        if ((_uses += added) >= _period) Halve();
    }

    /// <summary>The key's counters will be needed soon.</summary>
    public void Expect(int hash) => CacheLine.Fetch(ref Block(HashMix.Mix(hash, _seed)));

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

    // Without a check of bounds: the range of the hash is that of the blocks.
    private ref ulong Block(uint mixed) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_words), (nint)(uint)(_first + HashMix.Range(mixed, _blocks) * BlockWords));

    private static int Counter(ref ulong block, int row, uint pick) => (int)(Word(ref block, row, pick) >> Shift(pick)) & Most;

    // Returns by how much: less where the counter was nearly full.
    private static int Raise(ref ulong block, int row, uint pick, int times)
    {
        ref ulong word = ref Word(ref block, row, pick);
        int shift = Shift(pick);
        int added = Math.Min(times, Most - ((int)(word >> shift) & Most));
        word += (ulong)(uint)added << shift;
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

    private static ref ulong Word(ref ulong block, int row, uint pick) => ref Unsafe.Add(ref block, 2 * row + (int)(pick & 1));

    private static int Shift(uint pick) => (int)((pick >> 1) & 15) * 4;
}
