using System.Text.RegularExpressions;

namespace Larder.Tidy.Documents;

/// <summary>What the code says to logs and meters, held against the pages that list it.</summary>
internal static partial class Telemetry
{
    public static IEnumerable<string> LogFaults(IEnumerable<(string Path, string Code)> code, string page)
    {
        var said = code.SelectMany(static file => Message().Matches(file.Code).Select(match => (file.Path, Id: match.Groups[1].Value, Level: match.Groups[2].Value, Text: match.Groups[3].Value))).ToList();
        foreach (var twice in said.GroupBy(static one => one.Id).Where(static group => group.Count() > 1))
            yield return $"Event {twice.Key} is in {string.Join(" and ", twice.Select(static one => one.Path))}.";
        var listed = Rows(page, @"\d+").ToDictionary(static row => row[0], static row => row);
        foreach (var one in said)
        {
            if (!listed.Remove(one.Id, out var row)) yield return $"Event {one.Id} is not listed.";
            else if (row[1] != one.Level) yield return $"Event {one.Id} is listed as {row[1]}; it is {one.Level}.";
        }

        foreach (string gone in listed.Keys) yield return $"Event {gone} is listed, and not in the code.";
        foreach (var one in said.Where(static one => one.Level != "Debug" && Regex.IsMatch(one.Text, "{(Key|Value)[:,}]", RegexOptions.IgnoreCase)))
            yield return $"Event {one.Id} says a key or a value at {one.Level}.";
    }

    public static IEnumerable<string> InstrumentFaults(IEnumerable<string> code, string page)
    {
        var made = code.SelectMany(static text => Instrument().Matches(text).Select(static match => match.Groups[1].Value)).ToHashSet(StringComparer.Ordinal);
        var listed = Rows(page, @"`larder\.[a-z._]+`").Select(static row => row[0].Trim('`')).ToHashSet(StringComparer.Ordinal);
        return made.Except(listed).Select(static name => $"{name} is not listed.").Concat(listed.Except(made).Select(static name => $"{name} is listed, and no instrument."));
    }

    // The cells of the rows whose first one is as told.
    private static IEnumerable<string[]> Rows(string page, string first) =>
        from line in page.Split('\n')
        where Regex.IsMatch(line, $@"^\| {first} \|")
        select line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries);

    [GeneratedRegex("""LoggerMessage\((\d+), LogLevel\.(\w+), "((?:[^"\\]|\\.)*)"\)""")]
    private static partial Regex Message();

    [GeneratedRegex("""(?:Counter|Gauge|Histogram|Count|Tiers|TierGauge)(?:<\w+>)?\(\s*"(larder\.[a-z._]+)""")]
    private static partial Regex Instrument();
}
