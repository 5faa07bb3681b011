using System.Runtime.InteropServices;

namespace Larder.Advising;

/// <summary>
/// Keys by how recently they were used, to so many of them: tells how many others have been used since a key was (Mattson et al., "Evaluation techniques for
/// storage hierarchies", 1970). An LRU cache hits exactly the keys that fewer others have been used since than it holds.
/// </summary>
/// <remarks>
/// Each use has a moment, from a range twice as long as the stack is deep; a Fenwick tree over the moments counts the keys whose last use is later. When the moments
/// run out, the keys are given the first ones in order. So a use takes logarithmic time, amortised, and 32 to 64 bytes per key.
/// </remarks>
internal sealed class RecencyStack
{
    private readonly int _depth;

    // The moment of each key's last use, with how many there were, and the other way round: the key at a moment, if it still is its last.
    private readonly Dictionary<int, (int Moment, int Uses)> _known = [];
    private readonly int[] _keys;
    private readonly bool[] _isLast;

    // Fenwick tree, from one: _sums[i] counts the last uses at the moments above i − lowbit(i), up to i − 1.
    private readonly int[] _sums;
    private int _now;

    // No key's last use is before it.
    private int _oldest;

    /// <param name="depth">How many keys are known at most; then the one used longest ago is forgotten.</param>
    public RecencyStack(int depth)
    {
        _depth = depth;
        int moments = 2 * (depth + 1);
        _keys = new int[moments];
        _isLast = new bool[moments];
        _sums = new int[moments + 1];
    }

    /// <summary>How many other keys have been used since this one was, and how often it was since it is known; −1 for a key that is not known.</summary>
    public int DistanceOf(int key, out int uses)
    {
        bool isKnown = _known.TryGetValue(key, out var last);
        uses = last.Uses;
        return isKnown ? _known.Count - CountUpTo(last.Moment) : -1;
    }

    /// <summary>The key is used.</summary>
    public void Use(int key)
    {
        if (_now == _keys.Length) StartAnew();
        ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, key, out bool isKnown);
        if (isKnown) Unmark(last.Moment);
        last = (_now, last.Uses + 1);
        _keys[_now] = key;
        _isLast[_now] = true;
        Add(_now++, 1);
        if (_known.Count > _depth) Remove(OldestKey());
    }

    public void Remove(int key)
    {
        if (_known.Remove(key, out var last)) Unmark(last.Moment);
    }

    private int OldestKey()
    {
        while (!_isLast[_oldest]) _oldest++;
        return _keys[_oldest];
    }

    private void Unmark(int moment)
    {
        _isLast[moment] = false;
        Add(moment, -1);
    }

    private void StartAnew()
    {
        Array.Clear(_sums);
        int next = 0;
        for (int moment = 0; moment < _now; moment++)
        {
            if (!_isLast[moment]) continue;
            _isLast[moment] = false;
            _keys[next] = _keys[moment];
            CollectionsMarshal.GetValueRefOrNullRef(_known, _keys[next]).Moment = next;
            _isLast[next++] = true;
        }

        _now = next;
        _oldest = 0;
        for (int moment = 0; moment < next; moment++) Add(moment, 1);
    }

    private void Add(int moment, int count)
    {
        for (int i = moment + 1; i < _sums.Length; i += i & -i) _sums[i] += count;
    }

    private int CountUpTo(int moment)
    {
        int count = 0;
        for (int i = moment + 1; i > 0; i -= i & -i) count += _sums[i];
        return count;
    }
}
