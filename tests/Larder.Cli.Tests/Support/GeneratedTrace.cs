namespace Larder.Cli.Tests.Support;

/// <summary>The trace that the repository carries: a Zipf-like half, a loop, and the two mixed. Whole numbers only, so that it is the same everywhere.</summary>
internal static class GeneratedTrace
{
    public const string Name = "zipf_loop";

    private const int PhaseRequests = 2_000;
    private const int ZipfKeys = 800;
    private const int LoopKeys = 150;
    private const ulong FirstLoopKey = 10_000;

    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "tests", "traces", Name + ".u64.gz");

    public static IEnumerable<ulong> Keys()
    {
        uint state = 2463534242;
        for (int i = 0; i < PhaseRequests; i++) yield return Zipf(ref state);
        for (int i = 0; i < PhaseRequests; i++) yield return Loop(i);
        for (int i = 0; i < PhaseRequests; i++) yield return i % 2 == 0 ? Zipf(ref state) : Loop(i / 2);
    }

    private static ulong Loop(int step) => FirstLoopKey + (ulong)(step % LoopKeys);

    // Key k is drawn in proportion to 1/(k+1).
    private static ulong Zipf(ref uint state)
    {
        long total = 0;
        for (int k = 0; k < ZipfKeys; k++) total += Weight(k);
        long drawn = (long)(((ulong)Next(ref state) * (ulong)total) >> 32);
        ulong key = 0;
        while ((drawn -= Weight((int)key)) >= 0) key++;
        return key;
    }

    private static long Weight(int key) => 1_000_000 / (key + 1);

    // Marsaglia's xorshift, 2003.
    private static uint Next(ref uint state)
    {
        state ^= state << 13;
        state ^= state >> 17;
        return state ^= state << 5;
    }
}
