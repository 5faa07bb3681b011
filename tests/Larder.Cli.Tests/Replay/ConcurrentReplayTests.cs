using System.Text.Json;
using Larder.Cli.Tests.Support;

namespace Larder.Cli.Tests.Replay;

public sealed class ConcurrentReplayTests
{
    [Theory]
    [InlineData("fifo")]
    [InlineData("sieve")]
    public void One_thread_through_the_cache_hits_exactly_as_the_simulator(string policy) =>
        Assert.Equal(HitRatio(GeneratedTrace.Path, policy), HitRatio(GeneratedTrace.Path, policy, "--concurrent", "1"));

    // Three points where half a point is the rule: the order of four threads is chance.
    [Theory]
    [InlineData("default")]
    [InlineData("lru")]
    [InlineData("s3fifo")]
    public void Four_threads_hit_about_as_often_as_the_simulator(string policy)
    {
        string trace = Path.Combine(Repository.RequireTraces(), "email_domains.u64.gz");
        Assert.InRange(HitRatio(trace, policy, "--concurrent", "4") - HitRatio(trace, policy), -0.03, 0.03);
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

    private static double HitRatio(string trace, string policy, params string[] more)
    {
        var run = CommandLine.Run(["simulate", trace, "-p", policy, "--percent", "20", "--json", .. more]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Out);
        return json.RootElement[0].GetProperty("hitRatio").GetDouble();
    }
}
