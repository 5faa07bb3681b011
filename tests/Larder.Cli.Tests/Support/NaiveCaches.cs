namespace Larder.Cli.Tests.Support;

/// <summary>Caches so plain that they can be read off a paper. Each returns the hits of a sequence of keys.</summary>
internal static class NaiveCaches
{
    public static int Fifo(IEnumerable<ulong> keys, int capacity)
    {
        int hits = 0;
        var cache = new List<ulong>();
        foreach (ulong key in keys)
        {
            if (cache.Contains(key))
            {
                hits++;
                continue;
            }

            if (cache.Count == capacity) cache.RemoveAt(0);
            cache.Add(key);
        }

        return hits;
    }

    public static int Lru(IEnumerable<ulong> keys, int capacity)
    {
        int hits = 0;
        var cache = new List<ulong>();
        foreach (ulong key in keys)
        {
            if (cache.Remove(key)) hits++;
            else if (cache.Count == capacity) cache.RemoveAt(0);
            cache.Add(key);
        }

        return hits;
    }

    /// <summary>Algorithm 1 of the paper. The list is oldest first; the hand is an index into it, and evicts before the new key enters.</summary>
    public static int Sieve(IEnumerable<ulong> keys, int capacity)
    {
        int hits = 0;
        int hand = 0;
        var cache = new List<ulong>();
        var visited = new HashSet<ulong>();
        foreach (ulong key in keys)
        {
            if (cache.Contains(key))
            {
                hits++;
                visited.Add(key);
                continue;
            }

            if (cache.Count == capacity)
            {
                if (hand == cache.Count) hand = 0;
                while (visited.Remove(cache[hand])) hand = (hand + 1) % cache.Count;
                cache.RemoveAt(hand);
                if (hand == cache.Count) hand = 0;
            }

            cache.Add(key);
        }

        return hits;
    }

    /// <summary>The most hits that any choice of what to keep can have, found by trying every one.</summary>
    public static int BestPossible(int[] keys, int capacity)
    {
        // What a cache can hold after each request, and the most hits on the way there.
        var states = new Dictionary<int, int> { [0] = 0 };
        foreach (int key in keys)
        {
            var next = new Dictionary<int, int>();
            foreach (var (held, hits) in states)
            {
                int bit = 1 << key;
                int gained = hits + ((held & bit) != 0 ? 1 : 0);
                int full = held | bit;
                if (int.PopCount(full) <= capacity) Keep(full, gained);
                else
                {
                    for (int other = 0; other < 31; other++)
                        if ((full & (1 << other)) != 0) Keep(full & ~(1 << other), gained);
                }
            }

            states = next;

            void Keep(int held, int hits) => next[held] = Math.Max(hits, next.GetValueOrDefault(held, -1));
        }

        return states.Values.Max();
    }
}
