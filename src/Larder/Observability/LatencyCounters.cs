using System.Numerics;

namespace Larder.Observability;

/// <summary>Counts how long calls took. Two kilobytes a stripe, of which a cache that loads nothing has none.</summary>
internal sealed class LatencyCounters
{
    private static readonly int _stripeMask = (int)Math.Min(8, BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount)) - 1;

    // Each made when a thread of its first counts; then never replaced. Counted by interlocked instructions.
    private readonly long[]?[] _stripes = new long[]?[_stripeMask + 1];

    internal void Add(TimeSpan time) => Interlocked.Increment(ref Stripe(Environment.CurrentManagedThreadId & _stripeMask)[Latencies.BucketOf(time)]);

    internal Latencies Read()
    {
        long[]? sums = null;
        for (int s = 0; s < _stripes.Length; s++)
        {
            if (Volatile.Read(ref _stripes[s]) is not { } stripe) continue;
            sums ??= new long[Latencies.BucketCount];
            for (int i = 0; i < sums.Length; i++) sums[i] += Volatile.Read(ref stripe[i]);
        }

        return sums is null ? Latencies.None : new(sums);
    }

    private long[] Stripe(int index)
    {
        ref long[]? stripe = ref _stripes[index];
        return Volatile.Read(ref stripe) ?? Interlocked.CompareExchange(ref stripe, new long[Latencies.BucketCount], null) ?? stripe;
    }
}
