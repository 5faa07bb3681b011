using System.Globalization;
using System.Text.Json;

namespace Larder.Benchmarks.Measuring;

/// <summary>Prints rows as they come, or all of them as JSON.</summary>
internal static class Report
{
    internal static void Head() => Line("row", "ours", "theirs", "ratio", "bytes/op", "goal", "", "");

    internal static void Print(Row row) =>
        Line(row.Name, Number(row.Ours), Number(row.Theirs), Number(row.Ratio), Number(row.Bytes, 1), row.Goal?.ToString() ?? "-", row.Misses ? "MISS" : "", row.Note);

    internal static void PrintJson(IEnumerable<Row> rows)
    {
        var shape = rows.Select(static row => new
        {
            name = row.Name,
            ours = Math.Round(row.Ours, 3),
            theirs = Math.Round(row.Theirs, 3),
            ratio = Math.Round(row.Ratio, 3),
            bytes = Math.Round(row.Bytes, 2),
        });
        Console.WriteLine(JsonSerializer.Serialize(shape));
    }

    private static string Number(double value, int digits = 2) => value.ToString("F" + digits, CultureInfo.InvariantCulture);

    private static void Line(string name, string ours, string theirs, string ratio, string bytes, string goal, string mark, string note) =>
        Console.WriteLine($"{name,-36} {ours,9} {theirs,9} {ratio,7} {bytes,8}  {goal,-14} {mark,-5} {note}".TrimEnd());
}
