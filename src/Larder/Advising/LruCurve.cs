namespace Larder.Advising;

/// <summary>How often every LRU cache would have hit, up to a depth: by one pass over what happened, with one stack.</summary>
internal sealed class LruCurve(int depth)
{
    private readonly RecencyStack _stack = new(depth);

    // The reads of keys so far down the stack.
    private readonly Tally[] _reads = new Tally[depth];

    /// <summary>Returns how often the key has been used, this time included.</summary>
    public int Hear(int key, KeyEvent what)
    {
        int distance = _stack.DistanceOf(key, out int uses);
        if (what.Takes)
        {
            _stack.Remove(key);
            return uses + 1;
        }

        if (what.IsRead && distance >= 0) _reads[distance].Add(uses + 1);
        if (distance >= 0 ? what.Uses : what.Brings) _stack.Use(key);
        return uses + 1;
    }

    /// <summary>The hits of caches that hold so many keys; these are in ascending order.</summary>
    public IEnumerable<Tally> Hits(IEnumerable<int> capacities)
    {
        var hits = new Tally();
        int counted = 0;
        foreach (int capacity in capacities)
        {
            while (counted < Math.Min(capacity, depth)) hits.Add(_reads[counted++]);
            yield return hits;
        }
    }

    public void Fade(double by)
    {
        for (int i = 0; i < _reads.Length; i++) _reads[i].Fade(by);
    }
}
