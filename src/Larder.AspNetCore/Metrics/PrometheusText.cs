using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Larder.AspNetCore.Metrics;

/// <summary>Writes figures in the text format of Prometheus, or in that of OpenMetrics.</summary>
internal sealed class PrometheusText(bool isOpenMetrics)
{
    internal const string PlainType = "text/plain; version=0.0.4; charset=utf-8", OpenType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly StringBuilder _text = new();

    internal static string Of(MeterSnapshot snapshot, bool isOpenMetrics)
    {
        var text = new PrometheusText(isOpenMetrics);
        snapshot.Read(text.Write);
        return isOpenMetrics ? text._text.Append("# EOF\n").ToString() : text._text.ToString();
    }

    private void Write(Instrument instrument, IReadOnlyList<Figure> figures, IReadOnlyCollection<Buckets> histograms)
    {
        if (figures.Count == 0 && histograms.Count == 0) return;
        bool isCounter = instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal) && !instrument.GetType().Name.Contains("UpDown", StringComparison.Ordinal);
        string unit = instrument.Unit == "s" ? "_seconds" : "";
        string name = Name(instrument.Name) + unit;

        // In OpenMetrics a counter's family is named without the suffix that its samples have.
        string family = isCounter && !isOpenMetrics ? $"{name}_total" : name;
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {family} {Escaped(instrument.Description ?? "", isHelp: true)}\n");
        _text.Append(CultureInfo.InvariantCulture, $"# TYPE {family} {(histograms.Count > 0 ? "histogram" : isCounter ? "counter" : "gauge")}\n");
        if (isOpenMetrics && unit.Length > 0) _text.Append(CultureInfo.InvariantCulture, $"# UNIT {family} {unit[1..]}\n");
        foreach (var figure in figures) Sample(isCounter ? $"{name}_total" : name, figure.Attributes, null, figure.Value);
        foreach (var buckets in histograms)
        {
            long below = 0;
            for (int i = 0; i < buckets.Counts.Length; i++)
                Sample($"{name}_bucket", buckets.Attributes, i < buckets.Bounds.Count ? Number(buckets.Bounds[i]) : "+Inf", below += buckets.Counts[i]);
            Sample($"{name}_sum", buckets.Attributes, null, buckets.Sum);
            Sample($"{name}_count", buckets.Attributes, null, below);
        }
    }

    private void Sample(string name, IReadOnlyList<KeyValuePair<string, object?>> attributes, string? bound, double value)
    {
        _text.Append(name);
        var labels = attributes.Select(static attribute => $"{Name(attribute.Key)}=\"{Escaped(Convert.ToString(attribute.Value, CultureInfo.InvariantCulture) ?? "", isHelp: false)}\"");
        if (bound is not null) labels = labels.Append($"le=\"{bound}\"");
        if (string.Join(',', labels) is { Length: > 0 } all) _text.Append('{').Append(all).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Name(string name) => string.Concat(name.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

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
