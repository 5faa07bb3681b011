namespace Larder.Advising;

/// <summary>How often every LRU cache would have hit, up to a depth: by one pass over what happened, with one stack.</summary>
internal sealed class LruCurve(int depth)
{
    private readonly RecencyStack _stack = new(depth);

    // How many reads there were of keys so far down the stack.
    private readonly double[] _reads = new double[depth];

    public void Hear(int key, KeyEvent what)
    {
        if (what.Takes)
        {
            _stack.Remove(key);
            return;
        }

        int distance = _stack.DistanceOf(key);
        if (what.IsRead && distance >= 0) _reads[distance]++;
        if (distance >= 0 ? what.Uses : what.Brings) _stack.Use(key);
    }

    /// <summary>The hits of caches that hold so many keys; these are in ascending order.</summary>
    public IEnumerable<double> Hits(IEnumerable<int> capacities)
    {
        double hits = 0;
        int counted = 0;
        foreach (int capacity in capacities)
        {
            while (counted < Math.Min(capacity, depth)) hits += _reads[counted++];
            yield return hits;
        }
    }

    public void Fade(double by)
    {
        for (int i = 0; i < _reads.Length; i++) _reads[i] *= by;
    }
}
