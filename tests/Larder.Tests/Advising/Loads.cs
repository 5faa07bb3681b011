using Larder.Advising;
using Larder.Eviction;

namespace Larder.Tests.Advising;

/// <summary>What is asked of caches in these tests, always the same for a seed, and the study of it.</summary>
internal static class Loads
{
    /// <summary>Key k is asked for in proportion to 1/(k+1) to the power given.</summary>
    public static IEnumerable<int> Zipf(int keys, int requests, double power, int seed)
    {
        var random = new Random(seed);
        double[] sums = new double[keys];
        double sum = 0;
        for (int k = 0; k < keys; k++) sums[k] = sum += Math.Pow(k + 1, -power);
        for (int i = 0; i < requests; i++)
        {
            int at = Array.BinarySearch(sums, random.NextDouble() * sum);
            yield return at < 0 ? ~at : at;
        }
    }

    public static IEnumerable<int> Loop(int keys, int requests) => Enumerable.Range(0, requests).Select(i => i % keys);

    public static int Hash(int key) => (int)HashMix.Mix(key, 7);

    /// <summary>The advice for a cache that is asked for these keys, each brought in when it is missed.</summary>
    public static CacheAdvice Study(IEnumerable<int> keys, long capacity, EvictionPolicy policy, int miniature, uint seed = 1)
    {
        var scale = new Scale(capacity, miniature, seed);
        var study = new Study(scale, policy, Fading.None, static (made, room, start) => made.Create(room, start), seed);
        long requests = 0;
        foreach (int key in keys)
        {
            requests++;
            if (scale.Samples(Hash(key))) study.Hear(Hash(key), KeyEvent.Hit);
        }

        study.End(new(scale.Rate * requests, 0, 0));
        return study.Conclude(capacity);
    }

    /// <summary>The hit ratio of every LRU cache, by going through all that was used since.</summary>
    public static double[] NaiveLru(IEnumerable<int> keys, int most)
    {
        var stack = new List<int>();
        double[] hits = new double[most + 1];
        int requests = 0;
        foreach (int key in keys)
        {
            requests++;
            int at = stack.IndexOf(key);
            if (at >= 0) stack.RemoveAt(at);
            stack.Insert(0, key);
            for (int capacity = at + 1; at >= 0 && capacity <= most; capacity++) hits[capacity]++;
        }

        return Array.ConvertAll(hits, count => count / requests);
    }
}
