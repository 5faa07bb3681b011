using System.Collections.Concurrent;
using Larder.Cli.Replay;
using Larder.Cli.Traces;

namespace Larder.Cli.Regret;

/// <summary>Replays traces at the reference's capacities, several at a time.</summary>
internal static class RegretRun
{
    private sealed record Job(Lazy<Trace> Trace, string Name, long Capacity, Contender Contender);

    /// <summary>The rows, in the order of the files, then of capacities, then of the contenders.</summary>
    public static RegretRow[] Run(IReadOnlyList<string> files, Reference reference, Contender[] contenders, int threads, ReplayOptions options)
    {
        Job[] jobs =
        [
            .. from file in files
               let name = TraceFile.NameOf(file)
               let trace = new Lazy<Trace>(() => TraceFile.Read(file, null, options.Stop))
               from capacity in reference.CapacitiesOf(name)
               from contender in contenders
               select new Job(trace, name, capacity, contender),
        ];
        var rows = new RegretRow[jobs.Length];
        try
        {
            // One job at a time from the common queue: neighbours differ a hundredfold in length.
            var queue = Partitioner.Create(Enumerable.Range(0, jobs.Length), EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(queue, new() { MaxDegreeOfParallelism = threads, CancellationToken = options.Stop }, i => rows[i] = Measure(jobs[i], reference, options));
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<UserError>().FirstOrDefault() is { } error)
        {
            throw error;
        }
        catch (AggregateException) when (options.Stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(options.Stop);
        }

        return rows;
    }

    private static RegretRow Measure(Job job, Reference reference, ReplayOptions options)
    {
        var result = job.Contender.Run(job.Trace.Value, job.Capacity, options);
        var (bestPolicy, best) = reference.BestOf(job.Name, job.Capacity);
        return new(job.Name, job.Capacity, result.Policy, 100 * result.HitRatio, reference.Of(job.Name, job.Capacity, result.Policy), bestPolicy, best);
    }
}
