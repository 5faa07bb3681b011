using System.Globalization;
using Larder.TestKit;

namespace Larder.Concurrency;

/// <summary>How long a stress run lasts and how it is repeated: seconds by default, minutes with LARDER_STRESS_SECONDS.</summary>
internal static class Stress
{
    internal static int Rounds(int perSecond) =>
        perSecond * int.Parse(Environment.GetEnvironmentVariable("LARDER_STRESS_SECONDS") ?? "1", CultureInfo.InvariantCulture);

    /// <summary>Runs the body with a seed that a failure tells.</summary>
    internal static void Run(Action<int> body)
    {
        int seed = Seeds.Next();
        try
        {
            body(seed);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new InvalidOperationException($"With {Seeds.Variable}={seed}: {error.Message}", error);
        }
    }

    /// <summary>Runs as many threads, which begin together; the first exception of one is thrown.</summary>
    internal static void Threads(int count, Action<int> body)
    {
        Exception? failure = null;
        using var start = new Barrier(count);
        var threads = Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                body(i);
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref failure, error, null);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        if (failure is not null) throw new InvalidOperationException(failure.Message, failure);
    }

    /// <summary>Lets other threads in, now and then.</summary>
    internal static void MaybeYield(Random random)
    {
        int chance = random.Next(16);
        if (chance == 0) Thread.Yield();
        else if (chance < 4) Thread.SpinWait(chance * 20);
    }
}
