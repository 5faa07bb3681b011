namespace Larder.Benchmarks.Measuring;

/// <summary>Measures sides in turn, so that what disturbs the machine disturbs all of them.</summary>
internal static class Duel
{
    private const int Rounds = 9;

    // A method is compiled up to three times, each time some calls and a wait after the one before; what it calls may begin later.
    private const int WarmUps = 6;
    private static readonly TimeSpan _warmUp = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _round = TimeSpan.FromMilliseconds(25);

    // Longer than the runtime waits before it compiles in full, and compiles.
    private static readonly TimeSpan _compile = TimeSpan.FromMilliseconds(150);

    internal static void Fight(params IReadOnlyList<Side> sides)
    {
        for (int i = 0; i < WarmUps; i++)
        {
            foreach (var side in sides) side.WarmUp(_warmUp);
            Thread.Sleep(_compile);
        }

        GC.Collect();
        foreach (var side in sides) side.WarmUp(_round);
        for (int round = 0; round < Rounds; round++)
            foreach (var side in sides) side.Round(_round);
    }
}
