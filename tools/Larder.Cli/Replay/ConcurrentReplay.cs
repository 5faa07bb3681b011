using System.Diagnostics;
using Trace = Larder.Cli.Traces.Trace;

namespace Larder.Cli.Replay;

/// <summary>A trace through the real cache by several threads, which take its requests in turn: tells what buffers, marks and shards lose.</summary>
internal static class ConcurrentReplay
{
    // Few enough that the threads keep the trace's order but for these.
    private const int RequestsPerTurn = 16;

    private static readonly object _value = new();

    public static ReplayResult Run(Trace trace, EvictionPolicy policy, long capacity, ReplayOptions options, int threads)
    {
        using var cache = new Cache<int, object>(new() { Capacity = capacity, Policy = policy, Shards = new() { Hash = key => (uint)trace.Hashes[key] } });
        long start = Stopwatch.GetTimestamp();
        for (int from = 0; from < trace.Requests.Length; from += ReplayOptions.ChunkRequests)
        {
            int length = Math.Min(ReplayOptions.ChunkRequests, trace.Requests.Length - from);
            Replay(cache, trace.Requests.AsMemory(from, length), threads);
            options.Pause(length);
        }

        return new(trace.Name, policy.Name, capacity, trace.Requests.Length, cache.Statistics.Hits, Stopwatch.GetElapsedTime(start));
    }

    private static void Replay(Cache<int, object> cache, ReadOnlyMemory<int> requests, int threads)
    {
        int next = 0;
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            while (Interlocked.Add(ref next, RequestsPerTurn) - RequestsPerTurn is var at && at < requests.Length)
            {
                foreach (int key in requests.Span[at..Math.Min(at + RequestsPerTurn, requests.Length)])
                    if (!cache.TryGet(key, out object? _)) cache.Set(key, _value);
            }
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
    }
}
