using Larder.Eviction;

namespace Larder.Tests.Eviction;

/// <summary>
/// The policies as their papers have them, evicting before they insert, over lists (oldest first) and dictionaries.
/// Each call asks for a key and says whether it was held. Chance has no part: ghosts are exact hashes, and TinyLFU's sketch
/// and W-TinyLFU's climber are the real ones, fed with the same seed and in the same order.
/// </summary>
internal static class NaivePolicies
{
    public static Func<int, bool> Create(string name, int capacity, uint seed) => name switch
    {
        "fifo" => Fifo(capacity),
        "lru" => Lru(capacity),
        "lfu" => Lfu(capacity),
        "sieve" => Sieve(capacity),
        "s3fifo" => S3Fifo(capacity),
        "2q" => TwoQueue(capacity),
        "arc" => Arc(capacity),
        "tinylfu" => TinyLfu(capacity, seed),
        "wtinylfu" => WTinyLfu(capacity, seed),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static Func<int, bool> Fifo(int capacity)
    {
        var held = new List<int>();
        return key =>
        {
            if (held.Contains(key)) return true;
            if (held.Count == capacity) held.RemoveAt(0);
            held.Add(key);
            return false;
        };
    }

    private static Func<int, bool> Lru(int capacity)
    {
        var held = new List<int>();
        return key =>
        {
            bool hit = held.Remove(key);
            if (!hit && held.Count == capacity) held.RemoveAt(0);
            held.Add(key);
            return hit;
        };
    }

    private static Func<int, bool> Lfu(int capacity)
    {
        // By last use, so that the first of the least count is the least recent one.
        var held = new List<int>();
        var counts = new Dictionary<int, int>();
        return key =>
        {
            bool hit = held.Remove(key);
            if (!hit && held.Count == capacity)
            {
                int victim = held.MinBy(other => counts[other]);
                held.Remove(victim);
                counts.Remove(victim);
            }

            counts[key] = counts.GetValueOrDefault(key) + 1;
            held.Add(key);
            return hit;
        };
    }

    private static Func<int, bool> Sieve(int capacity)
    {
        var held = new List<int>();
        var visited = new HashSet<int>();
        int hand = 0;
        return key =>
        {
            if (held.Contains(key))
            {
                visited.Add(key);
                return true;
            }

            if (held.Count == capacity)
            {
                while (visited.Remove(held[hand])) hand = (hand + 1) % held.Count;
                held.RemoveAt(hand);
                if (hand == held.Count) hand = 0;
            }

            held.Add(key);
            return false;
        };
    }

    private static Func<int, bool> S3Fifo(int capacity)
    {
        List<int> small = [], main = [], ghosts = [];
        var uses = new Dictionary<int, int>();
        void EvictOne()
        {
            while (true)
            {
                if (small.Count > 0 && (small.Count >= Math.Max(1, capacity / 10) || main.Count == 0))
                {
                    int key = small[0];
                    small.RemoveAt(0);
                    if (uses.Remove(key, out int used) && used >= 2)
                    {
                        main.Add(key);
                        continue;
                    }

                    ghosts.Add(key);
                    while (ghosts.Count > capacity - capacity / 10) ghosts.RemoveAt(0);
                    return;
                }
                else
                {
                    int key = main[0];
                    main.RemoveAt(0);
                    if (!uses.TryGetValue(key, out int used) || used == 0) return;
                    uses[key] = used - 1;
                    main.Add(key);
                }
            }
        }

        return key =>
        {
            if (small.Contains(key) || main.Contains(key))
            {
                uses[key] = Math.Min(3, uses.GetValueOrDefault(key) + 1);
                return true;
            }

            bool ghost = ghosts.Remove(key);
            if (small.Count + main.Count == capacity) EvictOne();
            (ghost ? main : small).Add(key);
            uses.Remove(key);
            return false;
        };
    }

    private static Func<int, bool> TwoQueue(int capacity)
    {
        List<int> fifo = [], main = [], ghosts = [];
        return key =>
        {
            if (fifo.Contains(key)) return true;
            if (main.Remove(key))
            {
                main.Add(key);
                return true;
            }

            bool ghost = ghosts.Remove(key);
            if (fifo.Count + main.Count == capacity)
            {
                if (fifo.Count > Math.Max(1, capacity / 4) || main.Count == 0)
                {
                    ghosts.Add(fifo[0]);
                    fifo.RemoveAt(0);
                    while (ghosts.Count > capacity / 2) ghosts.RemoveAt(0);
                }
                else
                {
                    main.RemoveAt(0);
                }
            }

            (ghost ? main : fifo).Add(key);
            return false;
        };
    }

    private static Func<int, bool> Arc(int capacity)
    {
        List<int> t1 = [], t2 = [], b1 = [], b2 = [];
        double p = 0;

        // The paper compares a length with a real number; as simulators do, its whole part here.
        void ReplaceOne(bool inB2)
        {
            bool first = t1.Count > 0 && (t1.Count > p || (inB2 && t1.Count == (int)p) || t2.Count == 0);
            var (from, to) = first ? (t1, b1) : (t2, b2);
            to.Add(from[0]);
            from.RemoveAt(0);
        }

        return key =>
        {
            if (t1.Remove(key) || t2.Remove(key))
            {
                t2.Add(key);
                return true;
            }

            bool full = t1.Count + t2.Count == capacity;
            if (b1.Contains(key))
            {
                p = Math.Min(capacity, p + Math.Max(1.0, (double)b2.Count / b1.Count));
                if (full) ReplaceOne(false);
                b1.Remove(key);
                t2.Add(key);
            }
            else if (b2.Contains(key))
            {
                p = Math.Max(0, p - Math.Max(1.0, (double)b1.Count / b2.Count));
                if (full) ReplaceOne(true);
                b2.Remove(key);
                t2.Add(key);
            }
            else
            {
                if (t1.Count + b1.Count == capacity)
                {
                    if (t1.Count < capacity)
                    {
                        b1.RemoveAt(0);
                        if (full) ReplaceOne(false);
                    }
                    else
                    {
                        t1.RemoveAt(0);
                    }
                }
                else if (t1.Count + t2.Count + b1.Count + b2.Count >= capacity)
                {
                    if (t1.Count + t2.Count + b1.Count + b2.Count == 2 * capacity) b2.RemoveAt(0);
                    if (full) ReplaceOne(false);
                }

                t1.Add(key);
            }

            return false;
        };
    }

    private static Func<int, bool> TinyLfu(int capacity, uint seed)
    {
        var held = new List<int>();
        var filter = new AdmissionFilter(capacity, seed);
        return key =>
        {
            bool hit = held.Remove(key);
            if (!hit) filter.Hold(held.Count + 1);
            filter.Count(new TestNode(key));
            if (!hit && held.Count == capacity)
            {
                if (!filter.Admits(new TestNode(key), new TestNode(held[0]))) return false;
                held.RemoveAt(0);
            }

            held.Add(key);
            return hit;
        };
    }

    private static Func<int, bool> WTinyLfu(int capacity, uint seed)
    {
        List<int> window = [], probation = [], kept = [];
        var filter = new AdmissionFilter(capacity, seed);
        var climber = new WindowClimber();
        return key =>
        {
            bool hit = window.Contains(key) || probation.Contains(key) || kept.Contains(key);
            int held = window.Count + probation.Count + kept.Count;
            if (!hit) filter.Hold(held + 1);
            filter.Count(new TestNode(key));
            climber.OnRequest(hit, hit ? held : held + 1);
            int windowLimit = Math.Max(1, (int)(capacity * climber.Share));
            int keptLimit = (int)(0.8 * (capacity - windowLimit));

            if (window.Remove(key))
            {
                window.Add(key);
            }
            else if (kept.Remove(key))
            {
                kept.Add(key);
            }
            else if (probation.Remove(key))
            {
                kept.Add(key);
                while (kept.Count > Math.Max(1, keptLimit)) Move(kept, probation);
            }

            if (hit) return true;

            window.Add(key);
            bool hasCandidate = window.Count > windowLimit;
            while (window.Count > windowLimit) Move(window, probation);
            if (held < capacity) return false;

            var from = probation.Count > 0 ? probation : kept.Count > 0 ? kept : window;
            bool refused = hasCandidate && probation.Count > 1 && !filter.Admits(new TestNode(probation[^1]), new TestNode(from[0]));
            from.RemoveAt(refused ? from.Count - 1 : 0);
            return false;
        };
    }

    private static void Move(List<int> from, List<int> to)
    {
        to.Add(from[0]);
        from.RemoveAt(0);
    }
}
