using System.Globalization;
using System.Text;

namespace Larder.AspNetCore.Metrics;

/// <summary>Writes figures in the text format of Prometheus, or in that of OpenMetrics.</summary>
/// <remarks>
/// <see href="https://prometheus.io/docs/instrumenting/exposition_formats/"/>, <see href="https://prometheus.io/docs/specs/om/open_metrics_spec/"/>; names and units as in OpenTelemetry's
/// <see href="https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/">mapping</see>.
/// </remarks>
internal sealed class PrometheusText(bool isOpenMetrics)
{
    internal const string PlainType = "text/plain; version=0.0.4; charset=utf-8", OpenType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);

    internal static string Of(MeterSnapshot snapshot, bool isOpenMetrics)
    {
        var text = new PrometheusText(isOpenMetrics);
        foreach (var (metric, series) in snapshot.Read()) text.Write(metric, series);
        return isOpenMetrics ? text._text.Append("# EOF\n").ToString() : text._text.ToString();
    }

    /// <summary>What is allowed in names: letters, digits and underscores, and no digit first.</summary>
    internal static string NameOf(string name) =>
        (name.Length > 0 && char.IsAsciiDigit(name[0]) ? "_" : "") + string.Concat(name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private void Write(Metric metric, IReadOnlyList<Series> series)
    {
        string unit = UnitOf(metric.Instrument.Unit), name = NameOf(metric.Instrument.Name);
        if (metric.IsCounter && name.EndsWith("_total", StringComparison.Ordinal)) name = name[..^"_total".Length];
        if (unit.Length > 0 && !name.EndsWith($"_{unit}", StringComparison.Ordinal)) name += $"_{unit}";

        // Two names may be one here; the first is as good as the second, and both are an error for who reads them.
        if (series.Count == 0 || !_families.Add(name)) return;

        // In OpenMetrics a counter's family is named without the suffix that its samples have.
        string sample = metric.IsCounter ? $"{name}_total" : name, family = isOpenMetrics ? name : sample;
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {family} {Escaped(metric.Instrument.Description is { Length: > 0 } text ? text : metric.Instrument.Name, isHelp: !isOpenMetrics)}\n");
        _text.Append(CultureInfo.InvariantCulture, $"# TYPE {family} {(metric.IsHistogram ? "histogram" : metric.IsCounter ? "counter" : "gauge")}\n");
        if (isOpenMetrics && unit.Length > 0) _text.Append(CultureInfo.InvariantCulture, $"# UNIT {family} {unit}\n");
        foreach (var one in series)
        {
            if (metric.IsHistogram) WriteBuckets(name, metric, one);
            else Sample(sample, one, null, one.Value);
        }
    }

    private void WriteBuckets(string name, Metric metric, Series series)
    {
        long below = 0;
        for (int i = 0; i < series.Counts.Length; i++)
            Sample($"{name}_bucket", series, i < metric.Bounds.Count ? Bound(metric.Bounds[i]) : "+Inf", below += series.Counts[i]);
        Sample($"{name}_sum", series, null, series.Value);
        Sample($"{name}_count", series, null, below);
    }

    private void Sample(string name, Series series, string? bound, double value)
    {
        var labels = series.Labels.Where(label => bound is null || label.Key != "le").Select(static label => $"{label.Key}=\"{Escaped(label.Value, isHelp: false)}\"");
        if (bound is not null) labels = labels.Append($"le=\"{bound}\"");
        _text.Append(name);
        if (string.Join(',', labels) is { Length: > 0 } all) _text.Append('{').Append(all).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string UnitOf(string? unit) => unit switch
    {
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "%" => "percent",
        _ => "",
    };

    // OpenMetrics knows a bound by its text, and has 1 be 1.0.
    private string Bound(double bound) => isOpenMetrics && double.IsInteger(bound) ? $"{Number(bound)}.0" : Number(bound);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    private static string Escaped(string text, bool isHelp)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return isHelp ? text : text.Replace("\"", "\\\"", StringComparison.Ordinal);
    }
}
