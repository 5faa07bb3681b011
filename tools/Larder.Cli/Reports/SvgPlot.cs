using System.Globalization;
using System.Xml.Linq;
using Larder.Cli.Replay;

namespace Larder.Cli.Reports;

/// <summary>Hit ratio against capacity: a panel per trace, a line per policy.</summary>
internal static class SvgPlot
{
    private const double Width = 820;
    private const double PanelHeight = 430;
    private const double Left = 72;
    private const double Right = 640;
    private const double Top = 48;
    private const double Bottom = 360;
    private const double LabelSpace = 52;

    private static readonly XNamespace _svg = "http://www.w3.org/2000/svg";

    public static XDocument Draw(IReadOnlyCollection<ReplayResult> results)
    {
        string[] policies = [.. results.Select(r => r.Policy).Distinct()];
        var panels = results.GroupBy(r => r.Trace).Select((trace, i) => Panel(trace.Key, [.. trace], policies, i * PanelHeight)).ToList();
        double height = panels.Count * PanelHeight;
        return new(Element(
            "svg",
            ("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {Width} {height}")),
            ("width", Width),
            ("height", height),
            ("font-family", "system-ui, sans-serif"),
            ("font-size", 12),
            ("fill", PlotStyle.Ink),
            ("role", "img")).With(Element("title").With("Hit ratio against capacity")).With([.. panels]));
    }

    private static XElement Panel(string trace, ReplayResult[] results, string[] policies, double y)
    {
        var x = PlotAxis.OfCapacities(results.Select(r => r.Capacity), Left + 12, Right - 12);
        var percent = PlotAxis.OfPercents(results.Select(r => 100 * r.HitRatio), Bottom, Top);
        var panel = Element("g", ("transform", string.Create(CultureInfo.InvariantCulture, $"translate(0,{y})")));
        panel.With(Text(Left, 28, "start", trace, ("font-size", 16), ("font-weight", 600)));
        panel.With(Grid(x, percent));

        int row = 0;
        for (int line = 0; line < policies.Length; line++)
        {
            var points = results.Where(r => r.Policy == policies[line]).OrderBy(r => r.Capacity).ToArray();
            if (points.Length == 0) continue;
            panel.With(Line(points, x, percent, line), LegendEntry(policies[line], line, Top + 12 + (row++ * 22)));
        }

        return panel;
    }

    private static XElement[] Grid(PlotAxis x, PlotAxis percent)
    {
        var grid = new List<XElement>();
        foreach (double tick in percent.Ticks)
        {
            double at = percent.At(tick);
            grid.Add(Stroke(Left, at, Right, at, 0.25));
            grid.Add(Text(Left - 8, at + 4, "end", tick.ToString("0.##", CultureInfo.InvariantCulture)));
        }

        double free = double.NegativeInfinity;
        foreach (double tick in x.Ticks)
        {
            double at = x.At(tick);
            grid.Add(Stroke(at, Bottom, at, Bottom + 5, 1));
            if (at < free) continue;
            grid.Add(Text(at, Bottom + 20, "middle", Numbers.Whole((long)tick)));
            free = at + LabelSpace;
        }

        grid.Add(Stroke(Left, Bottom, Right, Bottom, 1));
        grid.Add(Stroke(Left, Top, Left, Bottom, 1));
        grid.Add(Text((Left + Right) / 2, Bottom + 44, "middle", "capacity (entries)"));
        double middle = (Top + Bottom) / 2;
        grid.Add(Text(20, middle, "middle", "hit ratio (%)", ("transform", string.Create(CultureInfo.InvariantCulture, $"rotate(-90 20 {middle})"))));
        return [.. grid];
    }

    private static XElement Line(ReplayResult[] points, PlotAxis x, PlotAxis percent, int line)
    {
        var places = Array.ConvertAll(points, p => (X: x.At(p.Capacity), Y: percent.At(100 * p.HitRatio)));
        var group = Element("g", ("fill", PlotStyle.Colour(line)));
        var path = Element(
            "polyline",
            ("points", string.Join(' ', places.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:0.#},{p.Y:0.#}")))),
            ("fill", "none"),
            ("stroke", PlotStyle.Colour(line)),
            ("stroke-width", 2));
        if (points[0].Policy == Belady.Name) path.With(new XAttribute("stroke-dasharray", "6 4"));
        group.With(path);
        for (int i = 0; i < points.Length; i++)
        {
            string label = $"{points[i].Policy}: {Numbers.Percent(points[i].HitRatio)} % at {Numbers.Whole(points[i].Capacity)}";
            group.With(Marker(line, places[i].X, places[i].Y).With(Element("title").With(label)));
        }

        return group;
    }

    private static XElement LegendEntry(string policy, int line, double y) =>
        Element("g", ("class", "legend")).With(
            Element(
                "path",
                ("d", string.Create(CultureInfo.InvariantCulture, $"M{Right + 24},{y}H{Right + 52}")),
                ("stroke", PlotStyle.Colour(line)),
                ("stroke-width", 2),
                policy == Belady.Name ? ("stroke-dasharray", "6 4") : ("fill", "none")),
            Marker(line, Right + 38, y).With(new XAttribute("fill", PlotStyle.Colour(line))),
            Text(Right + 62, y + 4, "start", policy));

    private static XElement Marker(int line, double x, double y) => Element(
        "path",
        ("d", PlotStyle.Marker(line)),
        ("transform", string.Create(CultureInfo.InvariantCulture, $"translate({x:0.#},{y:0.#})")));

    private static XElement Stroke(double x1, double y1, double x2, double y2, double opacity) => Element(
        "line", ("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2), ("stroke", PlotStyle.Ink), ("stroke-opacity", opacity));

    private static XElement Text(double x, double y, string anchor, string text, params (string, object)[] attributes) =>
        Element("text", [("x", x), ("y", y), ("text-anchor", anchor), .. attributes]).With(text);

    private static XElement Element(string name, params (string Name, object Value)[] attributes) =>
        new(_svg + name, attributes.Select(a => new XAttribute(a.Name, a.Value is double number ? Math.Round(number, 2) : a.Value)));

    private static XElement With(this XElement element, params object[] content)
    {
        element.Add(content);
        return element;
    }
}
