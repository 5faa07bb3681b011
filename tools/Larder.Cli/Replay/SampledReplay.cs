using System.Diagnostics;
using Larder.Advising;
using Trace = Larder.Cli.Traces.Trace;

namespace Larder.Cli.Replay;

/// <summary>A sample of a trace's keys through what the advisor of a running cache consists of.</summary>
internal static class SampledReplay
{
    /// <summary>The policy that a curve is of.</summary>
    public static string CurvePolicy => EvictionPolicy.Lru.Name;

    /// <summary>LRU at each of the capacities, by one pass.</summary>
    public static IEnumerable<ReplayResult> Curve(Trace trace, long[] capacities, double rate, ReplayOptions options)
    {
        var scale = new Scale(trace.Unique, trace.Unique, options.Seed, rate);
        int[] held = [.. capacities.Order().Select(capacity => scale.Times(Math.Min(1, (double)capacity / trace.Unique)))];
        var curve = new LruCurve(held[^1]);
        long start = Stopwatch.GetTimestamp();
        var sampled = new Tally();
        Replay(trace, scale, options, key => sampled.Add(curve.Hear(key, KeyEvent.Hit)));
        var elapsed = Stopwatch.GetElapsedTime(start);

        long HitsOf(Tally hits) => (long)(hits.RatioOf(sampled, scale.Rate * trace.Requests.Length) * trace.Requests.Length + 0.5);
        return capacities.Order().Zip(curve.Hits(held), (capacity, hits) => new ReplayResult(trace.Name, CurvePolicy, capacity, trace.Requests.Length, HitsOf(hits), elapsed));
    }

    /// <summary>What the advisor of a cache would say, had it listened to the whole trace.</summary>
    public static CacheAdvice Advise(Trace trace, EvictionPolicy policy, long capacity, int keys, ReplayOptions options)
    {
        var scale = new Scale(capacity, keys, options.Seed);
        var study = new Study(scale, policy, Fading.None, static (made, room, seed) => made.Create(room, seed), options.Seed);
        Replay(trace, scale, options, key => study.Hear(trace.Hashes[key], KeyEvent.Hit));
        study.End(new(scale.Rate * trace.Requests.Length, 0, 0));
        return study.Conclude(capacity);
    }

    private static void Replay(Trace trace, Scale scale, ReplayOptions options, Action<int> hear)
    {
        bool[] isSampled = Array.ConvertAll(trace.Hashes, scale.Samples);
        foreach (int[] chunk in trace.Requests.Chunk(ReplayOptions.ChunkRequests))
        {
            foreach (int key in chunk)
            {
                if (isSampled[key]) hear(key);
            }

            options.Pause(chunk.Length);
        }
    }
}
