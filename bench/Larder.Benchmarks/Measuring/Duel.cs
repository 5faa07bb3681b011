namespace Larder.Benchmarks.Measuring;

/// <summary>Measures sides in turn, so that what disturbs the machine disturbs all of them.</summary>
internal static class Duel
{
    private const int Rounds = 9;

    // A method is compiled up to three times, each time some calls and a wait after the one before; what it calls may begin later.
    private const int WarmUps = 4;
    private static readonly TimeSpan _warmUp = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan _round = TimeSpan.FromMilliseconds(25);

    // Longer than the runtime waits here before it compiles in full (see the project file), and compiles.
    private static readonly TimeSpan _compile = TimeSpan.FromMilliseconds(30);

    internal static void Fight(params IReadOnlyList<Side> sides)
    {
        for (int i = 0; i < WarmUps; i++)
        {
            foreach (var side in sides) side.WarmUp(_warmUp);
            AwaitCompiler();
        }

        GC.Collect();
        foreach (var side in sides) side.WarmUp(_round);
        for (int round = 0; round < Rounds; round++)
            foreach (var side in sides) side.Round(_round);
    }

    /// <summary>After what was called often enough: leaves the runtime time to compile it.</summary>
    internal static void AwaitCompiler() => Thread.Sleep(_compile);
}
