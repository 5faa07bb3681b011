using System.Diagnostics;
using Larder.Redis.Victim;

namespace Larder.Redis.Tests.Support;

/// <summary>What several processes saw, held against what coherence promises. Each key is written by one process, in versions one after the other.</summary>
internal static class HistoryCheck
{
    /// <summary>The longest time for which a read returned what had been written over, and what is wrong, if anything.</summary>
    /// <param name="histories">One for each process.</param>
    /// <param name="bound">How long a write may go unheard.</param>
    internal static (TimeSpan Longest, string? Fault) Run(IReadOnlyList<History> histories, TimeSpan bound)
    {
        // Of each key: when the tier, and so whoever listens, had each version. Version 0 is nobody's.
        var told = Enumerable.Range(0, Truth.Keys).Select(_ => new List<long> { 0 }).ToArray();
        foreach (var written in histories.SelectMany(static history => history.Events).Where(static happened => happened.What == Happening.Written).OrderBy(static happened => happened.Version))
        {
            if (told[written.Key].Count != written.Version) return (default, $"Version {written.Version} of key {written.Key} was written after {told[written.Key].Count - 1}.");
            told[written.Key].Add(written.End);
        }

        var longest = TimeSpan.Zero;
        for (int process = 0; process < histories.Count; process++)
        {
            var heard = Enumerable.Range(0, Truth.Keys).Select(_ => new List<long>()).ToArray();
            foreach (var invalidation in histories[process].Events.Where(static happened => happened.What == Happening.Heard))
            {
                if (invalidation.Key >= 0) heard[invalidation.Key].Add(invalidation.End);
                else foreach (var list in heard) list.Add(invalidation.End);
            }

            foreach (var list in heard) list.Sort();
            foreach (var read in histories[process].Events.Where(static happened => happened.What == Happening.Read))
            {
                var versions = told[read.Key];
                if (read.Version + 1 >= versions.Count || versions[(int)read.Version + 1] is var since && since >= read.Start) continue;
                string what = $"Process {process} read version {read.Version} of key {read.Key} {Stopwatch.GetElapsedTime(since, read.Start)} after the next had been written";
                int at = heard[read.Key].BinarySearch(since);
                at = at < 0 ? ~at : at;
                if (at < heard[read.Key].Count && heard[read.Key][at] < read.Start) return (longest, $"{what}, and had heard of that.");
                var age = Stopwatch.GetElapsedTime(since, read.Start);
                if (age > longest) longest = age;
                if (age > bound) return (longest, $"{what}; the bound is {bound}.");
            }
        }

        return (longest, null);
    }
}
