using System.Diagnostics.Metrics;
using Larder.AspNetCore.Metrics;

namespace Larder.AspNetCore.Tests;

/// <summary>What becomes of instruments of every kind in the text.</summary>
public sealed class MeterSnapshotTests : IDisposable
{
    private readonly Meter _meter = new($"of this test {Guid.NewGuid()}");
    private readonly MeterSnapshot _snapshot;

    public MeterSnapshotTests() => _snapshot = new(meter => meter == _meter);

    private string Text => PrometheusText.Of(_snapshot, isOpenMetrics: false);

    public void Dispose()
    {
        _snapshot.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void What_is_told_by_changes_is_summed_and_what_is_told_as_it_stands_is_replaced()
    {
        var counter = _meter.CreateCounter<int>("a.count.total");
        var upDown = _meter.CreateUpDownCounter<long>("b.level");
        var gauge = _meter.CreateGauge<double>("c.warmth", "s");
        counter.Add(2);
        counter.Add(3);
        upDown.Add(5);
        upDown.Add(-7);
        gauge.Record(1.5);
        gauge.Record(0.25);
        for (int reading = 0; reading < 2; reading++)
        {
            string text = Text;
            Assert.Contains("# TYPE a_count_total counter\na_count_total 5\n", text, StringComparison.Ordinal);
            Assert.Contains("# TYPE b_level gauge\nb_level -2\n", text, StringComparison.Ordinal);
            Assert.Contains("# TYPE c_warmth_seconds gauge\nc_warmth_seconds 0.25\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Observed_counters_of_one_set_of_attributes_are_added_and_told_anew_each_time()
    {
        int readings = 0;
        _meter.CreateObservableCounter("a", () => new Measurement<long>[] { new(++readings, new KeyValuePair<string, object?>("x", 1)), new(10, new KeyValuePair<string, object?>("x", "1")) });
        Assert.Contains("a_total{x=\"1\"} 11\n", Text, StringComparison.Ordinal);
        Assert.Contains("a_total{x=\"1\"} 12\n", Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_counts_up_to_each_bound_whatever_the_order_of_its_attributes()
    {
        var histogram = _meter.CreateHistogram("h", "s", "x\ny\\", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2.5] });
        histogram.Record(1, new("b", "2"), new("a", "1"));
        histogram.Record(2, new("a", "1"), new("b", "2"));
        histogram.Record(9, new("a", "1"), new("b", "2"));
        Assert.Equal("""
            # HELP h_seconds x\ny\\
            # TYPE h_seconds histogram
            h_seconds_bucket{a="1",b="2",le="1"} 1
            h_seconds_bucket{a="1",b="2",le="2.5"} 2
            h_seconds_bucket{a="1",b="2",le="+Inf"} 3
            h_seconds_sum{a="1",b="2"} 12
            h_seconds_count{a="1",b="2"} 3

            """, Text);
    }

    [Fact]
    public async Task Odd_names_and_values_pass_promtools_check()
    {
        _meter.CreateGauge<double>("9 lives", null, "what\na \"cat\" has \\").Record(double.NegativeInfinity, new KeyValuePair<string, object?>("0 key", "a\"b\\c\nd"));
        _meter.CreateGauge<double>("x").Record(double.NaN);
        string text = Text;
        Assert.Contains("""_9_lives{_0_key="a\"b\\c\nd"} -Inf""", text, StringComparison.Ordinal);
        await PrometheusTools.CheckAsync(text, "check", "metrics");
    }

    [Fact]
    public void Sets_of_attributes_are_bounded()
    {
        var counter = _meter.CreateCounter<long>("a");
        for (int user = 0; user < 2_000; user++) counter.Add(1, new KeyValuePair<string, object?>("user", user));
        Assert.Equal(1_000, Text.Split('\n').Count(static line => line.StartsWith("a_total{", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_instrument_that_throws_hides_no_other_and_one_whose_meter_is_gone_is_gone()
    {
        using var other = new MeterSnapshot(meter => meter == _meter);
        _meter.CreateObservableGauge("a.broken", static () => int.Parse("x", System.Globalization.CultureInfo.InvariantCulture));
        _meter.CreateObservableGauge("b.sound", static () => 1);
        Assert.Contains("b_sound 1\n", Text, StringComparison.Ordinal);
        _meter.Dispose();
        Assert.Equal("", Text);
    }

    [Fact]
    public void Nothing_is_lost_when_many_tell_and_some_read()
    {
        const int Writers = 4, Each = 5_000;
        var histogram = _meter.CreateHistogram<double>("h");
        var counter = _meter.CreateCounter<long>("n");
        Parallel.For(0, Writers + 2, who =>
        {
            for (int i = 0; i < (who < Writers ? Each : 50); i++)
            {
                if (who >= Writers) _ = Text;
                else
                {
                    histogram.Record(1, new KeyValuePair<string, object?>("who", who % 2));
                    counter.Add(1);
                }
            }
        });
        string text = Text;
        Assert.Contains($"n_total {Writers * Each}\n", text, StringComparison.Ordinal);
        foreach (int who in new[] { 0, 1 }) Assert.Contains($"h_count{{who=\"{who}\"}} {Writers * Each / 2}\n", text, StringComparison.Ordinal);
    }
}
