using System.Globalization;
using System.Xml.Linq;
using Larder.Cli.Reports;
using Larder.Cli.Tests.Support;

namespace Larder.Cli.Tests.Reports;

public sealed class SvgPlotTests : TempFolder
{
    private static readonly XNamespace _svg = "http://www.w3.org/2000/svg";

    [Theory]
    [InlineData("200")]
    [InlineData("10,50,100,400")]
    [InlineData("100,101")]
    [InlineData("1000,2000")] // all fits: one hit ratio only
    public void A_plot_has_a_line_and_a_legend_entry_per_policy(string capacities)
    {
        var svg = Plot("simulate", GeneratedTrace.Path, "-p", "fifo,sieve,opt", "-c", capacities);
        var lines = svg.Descendants(_svg + "polyline").ToArray();
        Assert.Equal(3, lines.Length);
        Assert.Equal(3, lines.Select(line => (string)line.Attribute("stroke")!).Distinct().Count());
        Assert.All(lines, line => Assert.Equal(capacities.Split(',').Length, line.Attribute("points")!.Value.Split(' ').Length));

        string[] texts = Texts(svg);
        Assert.Contains("capacity (entries)", texts);
        Assert.Contains("hit ratio (%)", texts);
        Assert.Contains(GeneratedTrace.Name, texts);
        Assert.Equal(["fifo", "sieve", "opt"], svg.Descendants(_svg + "g").Where(g => (string?)g.Attribute("class") == "legend").SelectMany(Texts));
    }

    [Fact]
    public void Every_point_lies_between_the_axes()
    {
        var svg = Plot("simulate", GeneratedTrace.Path, "-p", "all,opt", "-c", "1,3,10,70,150,700,5000");
        foreach (string point in svg.Descendants(_svg + "polyline").SelectMany(line => line.Attribute("points")!.Value.Split(' ')))
        {
            double[] xy = [.. point.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
            Assert.InRange(xy[0], 72, 640);
            Assert.InRange(xy[1], 48, 360);
        }
    }

    [Fact]
    public void Each_trace_has_a_panel_and_its_name_is_escaped()
    {
        string odd = Write("a&b [x].txt", "1\n2\n1\n");
        var svg = Plot("simulate", GeneratedTrace.Path, odd, "-p", "fifo", "-c", "1,2");
        Assert.Equal(2, svg.Descendants(_svg + "polyline").Count());
        Assert.Contains("a&b [x].txt", Texts(svg));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 100)]
    [InlineData(0, 100)]
    [InlineData(97.31, 97.33)]
    [InlineData(3, 62)]
    public void Percent_ticks_are_few_and_hold_every_value(double low, double high)
    {
        var axis = PlotAxis.OfPercents([low, high], 300, 0);
        Assert.InRange(axis.Ticks.Count, 2, 8);
        Assert.InRange(axis.Ticks[0], 0, low + 1e-9);
        Assert.InRange(axis.Ticks[^1], high - 1e-9, 100 + 1e-9);
        Assert.InRange(axis.At(low), 0, 300);
        Assert.InRange(axis.At(high), 0, axis.At(low));
    }

    private XElement Plot(params string[] args)
    {
        var run = CommandLine.Run([.. args, "--plot", At("plot.svg")]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return XDocument.Parse(File.ReadAllText(At("plot.svg"))).Root!;
    }

    private static string[] Texts(XElement element) => [.. element.Descendants(_svg + "text").Select(text => text.Value)];
}
