using System.Text.Json;
using Larder.Cli.Tests.Support;

namespace Larder.Cli.Tests.Commands;

public sealed class AdviseTests : TempFolder
{
    [Fact]
    public void Advice_says_what_twice_and_half_the_capacity_would_do_and_which_policy()
    {
        string loop = WriteU64("loop.u64", Enumerable.Range(0, 30_000).Select(i => (ulong)(i % 150)));
        var run = CommandLine.Run("advise", loop, "-c", "100", "-p", "LRU");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("loop: 100 entries under lru, from 30,000 requests for 100.00 % of the keys", run.Out);
        Assert.Contains("Twice the capacity: +99.5 points.", run.Out);
        Assert.Contains("Half the capacity: ±0.0 points.", run.Out);
        Assert.Matches("Policy \\w+: \\+[56]\\d.\\d points.", run.Out);
    }

    [Fact]
    public void What_was_foretold_is_what_happens_when_every_key_is_looked_at()
    {
        using var json = JsonDocument.Parse(CommandLine.Run("advise", GeneratedTrace.Path, "--percent", "5,20", "-p", "sieve", "--verify", "--json").Out);
        var all = json.RootElement.EnumerateArray().ToArray();
        Assert.Equal(2, all.Length);
        foreach (var advice in all)
        {
            Assert.Equal(("zipf_loop", "sieve", 1), (advice.GetProperty("trace").GetString(), advice.GetProperty("policy").GetString(), advice.GetProperty("samplingRate").GetInt32()));
            Assert.True(advice.GetProperty("hasEnough").GetBoolean());
            Assert.Equal(5, advice.GetProperty("capacities").GetArrayLength());
            foreach (var point in advice.GetProperty("capacities").EnumerateArray())
                Assert.Equal(point.GetProperty("realHitRatio").GetDouble(), point.GetProperty("hitRatio").GetDouble(), 6);
            Assert.Equal(EvictionPolicy.All.Count, advice.GetProperty("policies").GetArrayLength());
        }
    }

    [Fact]
    public void The_curve_of_all_keys_is_that_of_LRU()
    {
        string[] rest = ["-c", "10,50,200,700,5000", "--json"];
        Assert.Equal(Hits("simulate", ["-p", "lru", .. rest]), Hits("mrc", rest));

        static int[] Hits(string command, params string[] options)
        {
            using var json = JsonDocument.Parse(CommandLine.Run([command, GeneratedTrace.Path, .. options]).Out);
            return [.. json.RootElement.EnumerateArray().Select(static row => row.GetProperty("hits").GetInt32())];
        }
    }

    [Fact]
    public void A_curve_of_some_of_the_keys_is_near_and_is_drawn()
    {
        string keys = WriteU64("keys.u64", Enumerable.Range(0, 200_000).Select(i => (ulong)(i % 4 == 0 ? i % 4000 : i * 7919L % 20_000)));
        var all = CommandLine.Run("mrc", keys, "--json");
        var some = CommandLine.Run("mrc", keys, "--rate", "0.1", "--json", "--plot", At("curve.svg"));
        using JsonDocument exact = JsonDocument.Parse(all.Out), near = JsonDocument.Parse(some.Out);
        Assert.Equal(15, exact.RootElement.GetArrayLength());
        Assert.All(exact.RootElement.EnumerateArray().Zip(near.RootElement.EnumerateArray()), static pair =>
            Assert.Equal(pair.First.GetProperty("hitRatio").GetDouble(), pair.Second.GetProperty("hitRatio").GetDouble(), 0.05));
        Assert.Contains("polyline", File.ReadAllText(At("curve.svg")));
    }

    [Theory]
    [InlineData("address_gcc", 1)]
    [InlineData("email_domains", 1)]
    [InlineData("cloudphysics_lcs", 4)]
    public void What_is_foretold_of_public_traces_is_near_what_happens(string trace, double within)
    {
        string file = Path.Combine(Repository.RequireTraces(), trace + ".u64.gz");
        using var json = JsonDocument.Parse(CommandLine.Run("advise", file, "--percent", "20", "-p", "lru", "--verify", "--json").Out);
        var points = json.RootElement[0].GetProperty("capacities").EnumerateArray().ToArray();
        Assert.InRange(json.RootElement[0].GetProperty("samplingRate").GetDouble(), 0, 0.5);
        Assert.All(points, point => Assert.Equal(GainOf(point, "realHitRatio"), GainOf(point, "hitRatio"), within));

        double GainOf(JsonElement point, string of) => 100 * (point.GetProperty(of).GetDouble() - points[2].GetProperty(of).GetDouble());
    }

    [Theory]
    [InlineData("'opt'", "sieve", "advise", "-c", "5", "-p", "opt")]
    [InlineData("'12'", "256 to 4096", "advise", "-c", "5", "--keys", "12")]
    [InlineData("--capacity", "--percent", "advise")]
    [InlineData("'0'", "above 0", "mrc", "--rate", "0")]
    [InlineData("'1.5'", "at most 1", "mrc", "--rate", "1.5")]
    [InlineData("'7'", "only one", "mrc", "-c", "5", "--percent", "7")]
    public void A_bad_option_is_refused(string named, string allowed, string command, params string[] options)
    {
        string line = CommandLine.Run([command, GeneratedTrace.Path, .. options]).Refusal();
        Assert.Contains(named, line);
        Assert.Contains(allowed, line);
    }
}
