using System.Text.Json;
using Larder.Cli.Tests.Support;

namespace Larder.Cli.Tests.Commands;

public sealed class SimulateTests : TempFolder
{
    [Fact]
    public void Json_is_all_of_standard_output()
    {
        string trace = WriteU64("tiny.u64", 1, 2, 1, 3, 1, 2);
        var run = CommandLine.Run("simulate", trace, "--policy", "fifo,opt", "--capacity", "2,3", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));

        using var json = JsonDocument.Parse(run.Out);
        var rows = json.RootElement.EnumerateArray().ToArray();
        string[] names = ["trace", "policy", "capacity", "requests", "hits", "hitRatio", "requestsPerSecond"];
        Assert.All(rows, row => Assert.Equal(names, row.EnumerateObject().Select(p => p.Name)));
        Assert.All(rows, row => Assert.True(row.GetProperty("requestsPerSecond").GetInt64() > 0));
        Assert.Equal(
            [("tiny", "fifo", 2, 6, 1), ("tiny", "opt", 2, 6, 3), ("tiny", "fifo", 3, 6, 3), ("tiny", "opt", 3, 6, 3)],
            rows.Select(row => (Text(row, "trace"), Text(row, "policy"), Int(row, "capacity"), Int(row, "requests"), Int(row, "hits"))));
        Assert.All(rows, row => Assert.Equal(Int(row, "hits") / 6.0, row.GetProperty("hitRatio").GetDouble(), 12));
    }

    [Fact]
    public void The_table_has_a_line_per_replay()
    {
        var run = CommandLine.Run("simulate", GeneratedTrace.Path, "-p", "sieve,opt", "-c", "100,1000");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        foreach (string title in new[] { "trace", "policy", "capacity", "requests", "hit ratio", "misses", "requests/s" })
            Assert.Contains(title, run.Out);
        string[] lines = [.. run.Out.Split('\n').Where(line => line.Contains(GeneratedTrace.Name))];
        Assert.Equal(4, lines.Length);
        Assert.Contains("1,000", lines[2]);
        Assert.Contains("6,000", lines[2]);
    }

    [Fact]
    public void A_percent_is_of_each_traces_own_keys()
    {
        string other = WriteU64("other.u64", Enumerable.Range(0, 40).Select(i => (ulong)i));
        var run = CommandLine.Run("simulate", GeneratedTrace.Path, other, "--percent", "10,25.5,100", "--policy", "fifo", "--json");
        using var json = JsonDocument.Parse(run.Out);
        int unique = GeneratedTrace.Keys().Distinct().Count();
        Assert.Equal(
            [(int)Math.Round(unique * 0.1), (int)Math.Round(unique * 0.255), unique, 4, 10, 40],
            json.RootElement.EnumerateArray().Select(row => Int(row, "capacity")));
    }

    [Fact]
    public void All_means_every_policy_of_the_library_and_none_is_replayed_twice()
    {
        var run = CommandLine.Run("simulate", GeneratedTrace.Path, "--policy", "SIEVE,all,opt,fifo", "-c", "50", "--json");
        using var json = JsonDocument.Parse(run.Out);
        string[] replayed = [.. json.RootElement.EnumerateArray().Select(row => Text(row, "policy"))];
        Assert.Equal(EvictionPolicy.All.Select(p => p.Name).Append("opt").Order(), replayed.Order());
        Assert.Equal("sieve", replayed[0]);
    }

    [Fact]
    public void Without_a_policy_the_default_one_is_replayed()
    {
        using var json = JsonDocument.Parse(CommandLine.Run("simulate", GeneratedTrace.Path, "-c", "50", "--json").Out);
        Assert.Equal(EvictionPolicy.All[0].Name, Text(Assert.Single(json.RootElement.EnumerateArray()), "policy"));
    }

    [Fact]
    public void Text_and_u64_of_the_same_sequence_hit_alike()
    {
        string text = Write("same.txt.gz", Gzip(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', GeneratedTrace.Keys().Select(k => $"key:{k}")))));
        using var json = JsonDocument.Parse(CommandLine.Run("simulate", GeneratedTrace.Path, text, "-p", "fifo,opt", "-c", "80", "--json").Out);
        int[] hits = [.. json.RootElement.EnumerateArray().Select(row => Int(row, "hits"))];
        Assert.Equal(hits[..2], hits[2..]);
        Assert.Equal(NaiveCaches.Fifo(GeneratedTrace.Keys(), 80), hits[0]);
    }

    [Fact]
    public void A_cancelled_run_says_so_and_prints_no_result()
    {
        var run = CommandLine.Run(new CancellationToken(canceled: true), "simulate", GeneratedTrace.Path, "-c", "50", "--json");
        Assert.Equal((130, "", "larder: stopped." + Environment.NewLine), (run.ExitCode, run.Out, run.Error));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("simulate", "--help")]
    [InlineData("regret", "--help")]
    public void Help_goes_to_standard_output(params string[] args)
    {
        var run = CommandLine.Run(args);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("--help", run.Out);
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static int Int(JsonElement row, string name) => row.GetProperty(name).GetInt32();
}
