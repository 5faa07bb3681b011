using System.Text.Json;
using Larder.Cli.Tests.Support;

namespace Larder.Cli.Tests.Commands;

public sealed class RegretTests : TempFolder
{
    private const string Header = "trace,requests,unique,percent,capacity,policy,hitRatio\n";

    [Fact]
    public void Regret_is_the_best_fixed_policy_minus_ours()
    {
        Prepare("loop,8,4,75p,3,FIFO,25\nloop,8,4,75p,3,LFU,60\nloop,8,4,75p,3,OPT,99\nloop,8,4,100p,4,FIFO,50\n");
        using var json = JsonDocument.Parse(Regret("--json").Out);

        var rows = json.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(2, rows.Length);
        AssertNumbers(rows[0], ("capacity", 3), ("hitRatio", 0), ("reference", 25), ("best", 60), ("regret", 60), ("deviation", -25));
        AssertNumbers(rows[1], ("capacity", 4), ("hitRatio", 50), ("reference", 50), ("best", 50), ("regret", 0), ("deviation", 0));
        Assert.Equal("lfu", rows[0].GetProperty("bestPolicy").GetString());

        var summary = Assert.Single(json.RootElement.GetProperty("summary").EnumerateArray());
        AssertNumbers(summary, ("rows", 2), ("meanRegret", 30), ("worstRegret", 60), ("worstCapacity", 3), ("maxDeviation", 25));
    }

    [Fact]
    public void The_table_ends_with_the_sum_per_policy()
    {
        Prepare("loop,8,4,75p,3,FIFO,25\nloop,8,4,75p,3,LFU,60\n");
        var run = Regret();
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("mean regret", run.Out);
        Assert.Contains("loop at 3", run.Out);
    }

    [Fact]
    public void A_trace_that_is_not_there_is_left_out_aloud()
    {
        Prepare("loop,8,4,75p,3,FIFO,25\nother,8,4,75p,3,FIFO,25\n");
        var run = Regret();
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("'other'", run.Error);
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.Contains("does not exist", CommandLine.Run("regret", At("absent")).Refusal());
        Assert.Contains("cannot be read", CommandLine.Run("regret", Folder).Refusal());
        Prepare("loop,8,4,75p,three,FIFO,25\n");
        Assert.Contains("line 2", Regret().Refusal());
        Prepare("");
        Assert.Contains("no rows", Regret().Refusal());
        Prepare("other,8,4,75p,3,FIFO,25\n");
        Assert.Contains("other.u64.gz", Regret().Refusal());
        Prepare("loop,8,4,75p,3,OPT,25\n");
        Assert.Contains("none of the nine", Regret().Refusal());
        Assert.Contains("'0'", Regret("--parallel", "0").Refusal());
        Write("loop.u64", [1]);
        Assert.Contains("multiple of 8", Regret().Refusal());
    }

    private void Prepare(string rows)
    {
        Write("reference.csv", Header + rows);
        WriteU64("loop.u64", 1, 2, 3, 4, 1, 2, 3, 4);
    }

    private CommandLine Regret(params string[] options) => CommandLine.Run(["regret", Folder, "--policy", "fifo", .. options]);

    private static void AssertNumbers(JsonElement row, params (string Name, double Value)[] expected) =>
        Assert.All(expected, e => Assert.Equal(e.Value, row.GetProperty(e.Name).GetDouble(), 9));
}
