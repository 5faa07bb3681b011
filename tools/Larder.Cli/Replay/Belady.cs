using System.Diagnostics;
using Trace = Larder.Cli.Traces.Trace;

namespace Larder.Cli.Replay;

/// <summary>Belady's optimum: what is asked for latest in the future leaves first. No policy can hit more often.</summary>
/// <remarks>
/// <para>
/// A held entry is known by the position of its next request, which no other entry shares. So the cache is a set of
/// positions: request <c>i</c> hits if <c>i</c> is in the set, the entry then moves to its next position, and the
/// greatest position is the one to evict, be it the newcomer's own. What is never asked for again is not kept at all.
/// </para>
/// <para>Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems Journal 5(2), 1966.</para>
/// </remarks>
internal static class Belady
{
    public const string Name = "opt";

    private const int Never = -1;

    public static ReplayResult Run(Trace trace, long capacity, ReplayOptions options)
    {
        int[] next = NextRequests(trace);
        var held = new PositionSet(next.Length);
        long hits = 0;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < next.Length; i++)
        {
            if (held.Remove(i)) hits++;
            if (next[i] != Never)
            {
                held.Add(next[i]);
                if (held.Count > capacity) held.RemoveGreatest();
            }

            if ((i + 1) % ReplayOptions.ChunkRequests == 0) options.Pause(ReplayOptions.ChunkRequests);
        }

        options.Pause(next.Length % ReplayOptions.ChunkRequests);
        return new(trace.Name, Name, capacity, next.Length, hits, Stopwatch.GetElapsedTime(start));
    }

    private static int[] NextRequests(Trace trace)
    {
        int[] next = new int[trace.Requests.Length];
        int[] seen = new int[trace.Unique];
        Array.Fill(seen, Never);
        for (int i = next.Length - 1; i >= 0; i--)
        {
            ref int later = ref seen[trace.Requests[i]];
            next[i] = later;
            later = i;
        }

        return next;
    }
}
