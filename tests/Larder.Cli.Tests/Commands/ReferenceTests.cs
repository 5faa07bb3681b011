using System.Globalization;
using System.Text.Json;
using Larder.Cli.Tests.Support;
using Larder.Cli.Traces;

namespace Larder.Cli.Tests.Commands;

/// <summary>Against the public traces and the hit ratios that another simulator measured on them.</summary>
public sealed class ReferenceTests
{
    private sealed record Row(string Trace, int Requests, int Unique, decimal Percent, long Capacity);

    [Fact]
    public void Percents_of_every_trace_give_the_references_capacities()
    {
        foreach (var row in Rows(Repository.RequireTraces()))
            Assert.Equal((row, row.Capacity), (row, new Trace("t", [], new int[row.Unique]).CapacityOf(row.Percent)));
    }

    [Fact]
    public void Traces_read_with_the_references_requests_and_keys()
    {
        string folder = Repository.RequireTraces();
        foreach (var row in Rows(folder).DistinctBy(row => row.Trace).Where(row => row.Requests < 1_000_000))
        {
            var trace = TraceFile.Read(Path.Combine(folder, row.Trace + ".u64.gz"), null, TestContext.Current.CancellationToken);
            Assert.Equal((row.Trace, row.Requests, row.Unique), (trace.Name, trace.Requests.Length, trace.Unique));
        }
    }

    [Theory]
    [InlineData("opt", 0.01)]
    [InlineData("fifo", 0.01)]
    [InlineData("lru", 0.01)]
    [InlineData("lfu", 0.01)]
    [InlineData("sieve", 0.01)]
    [InlineData("arc", 0.3)]
    [InlineData("2q", 1.0)]
    [InlineData("s3fifo", 1.0)]
    public void A_policy_agrees_with_the_reference_everywhere(string policy, double within)
    {
        var run = CommandLine.Run("regret", Repository.RequireTraces(), "--policy", policy, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Out);
        Assert.All(
            json.RootElement.GetProperty("rows").EnumerateArray(),
            row => Assert.InRange(row.GetProperty("deviation").GetDouble(), -within, within));
    }

    private static IEnumerable<Row> Rows(string folder) =>
        from line in File.ReadLines(Path.Combine(folder, "reference.csv")).Skip(1)
        let cells = line.Split(',')
        select new Row(
            cells[0],
            int.Parse(cells[1], CultureInfo.InvariantCulture),
            int.Parse(cells[2], CultureInfo.InvariantCulture),
            decimal.Parse(cells[3].TrimEnd('p'), CultureInfo.InvariantCulture),
            long.Parse(cells[4], CultureInfo.InvariantCulture));
}
