using System.Numerics;

namespace Larder.Cli.Replay;

/// <summary>A set of the integers below a bound that finds its greatest in a step per level of a 64-way tree: five for a thousand million.</summary>
internal sealed class PositionSet
{
    // Level 0 has a bit per member; a bit of level n+1 is set when its word of level n is not zero. The last level is one word.
    private readonly ulong[][] _levels;

    public PositionSet(int bound)
    {
        var levels = new List<ulong[]>();
        int words = bound;
        do
        {
            words = (int)(((long)words + 63) / 64);
            levels.Add(new ulong[Math.Max(words, 1)]);
        }
        while (words > 1);
        _levels = [.. levels];
    }

    public int Count { get; private set; }

    /// <summary>Adds what is not in the set.</summary>
    public void Add(int position)
    {
        Count++;
        foreach (ulong[] level in _levels)
        {
            ref ulong word = ref level[position >> 6];
            bool done = word != 0;
            word |= 1UL << position;
            if (done) return;
            position >>= 6;
        }
    }

    /// <summary>Takes a position out, if it is in.</summary>
    public bool Remove(int position)
    {
        if ((_levels[0][position >> 6] & (1UL << position)) == 0) return false;
        Count--;
        foreach (ulong[] level in _levels)
        {
            ref ulong word = ref level[position >> 6];
            word &= ~(1UL << position);
            if (word != 0) break;
            position >>= 6;
        }

        return true;
    }

    /// <summary>Takes the greatest position out of a set that is not empty.</summary>
    public int RemoveGreatest()
    {
        int position = 0;
        for (int level = _levels.Length - 1; level >= 0; level--)
            position = (position << 6) | BitOperations.Log2(_levels[level][position]);
        Remove(position);
        return position;
    }
}
