using System.Text.Json;
using Larder.Cli.Tests.Support;

namespace Larder.Cli.Tests.Replay;

public sealed class ConcurrentReplayTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("sieve")]
    [InlineData("lru")]
    public void Four_threads_hit_about_as_often_as_the_simulator(string policy)
    {
        Assert.InRange(HitRatio(policy, "--concurrent", "4") - HitRatio(policy), -0.03, 0.03);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("many")]
    public void A_number_of_threads_that_is_not_allowed_is_refused(string threads)
    {
        var run = CommandLine.Run("simulate", GeneratedTrace.Path, "-p", "fifo", "-c", "50", "--concurrent", threads);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"'{threads}'", run.Error, StringComparison.Ordinal);
    }

    private static double HitRatio(string policy, params string[] more)
    {
        var run = CommandLine.Run(["simulate", GeneratedTrace.Path, "-p", policy, "--percent", "20", "--json", .. more]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Out);
        return json.RootElement[0].GetProperty("hitRatio").GetDouble();
    }
}
