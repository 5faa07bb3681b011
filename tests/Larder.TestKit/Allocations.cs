namespace Larder.TestKit;

/// <summary>What a piece of code allocates on its thread.</summary>
public static class Allocations
{
    /// <summary>
    /// The least of three runs. The runtime's own cache of casts grows now and then, by tens of kilobytes, on the thread that happens to cast; what
    /// the code itself allocates is there in each run.
    /// </summary>
    public static long Of(Action code)
    {
        ArgumentNullException.ThrowIfNull(code);
        long least = long.MaxValue;
        for (int run = 0; run < 3 && least > 0; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            code();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
