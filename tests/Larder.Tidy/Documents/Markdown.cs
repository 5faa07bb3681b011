using System.Text.RegularExpressions;

namespace Larder.Tidy.Documents;

/// <summary>What is wrong with a document, one sentence for each fault.</summary>
internal static partial class Markdown
{
    private static readonly string[] _sections = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Performance"];

    /// <summary>Links to files that are not there. <paramref name="exists"/> is asked for paths from the repository's root.</summary>
    public static IEnumerable<string> BrokenLinks(string path, string text, Func<string, bool> exists) =>
        from Match link in Link().Matches(Code().Replace(text, ""))
        let target = link.Groups[1].Value.Split('#')[0]
        where target.Length > 0 && !Scheme().IsMatch(target) && !exists(Resolve(path, Uri.UnescapeDataString(target)))
        select $"{path}: no file behind '{target}'";

    public static IEnumerable<string> ChangelogFaults(string text)
    {
        if (!text.StartsWith("# Changelog\n", StringComparison.Ordinal)) yield return "the first line must be '# Changelog'";
        string[] versions = text.Split("\n## ")[1..];
        if (versions is not [['[', 'U', ..], ..]) yield return "the first version must be '## [Unreleased]'";
        foreach (var (at, version) in versions.Index())
        {
            string title = version.Split('\n')[0];
            if (!(at == 0 ? title == "[Unreleased]" : Version().IsMatch(title))) yield return $"'## {title}' is not '## [x.y.z] - yyyy-mm-dd'";
            string[] sections = version.Split("\n### ")[1..];
            foreach (string section in sections)
            {
                string name = section.Split('\n')[0];
                if (!_sections.Contains(name)) yield return $"'### {name}' is none of {string.Join(", ", _sections)}";
                if (!section.Contains("\n- ", StringComparison.Ordinal)) yield return $"{title}, {name}: no entry";
            }
            foreach (var twice in sections.CountBy(s => s.Split('\n')[0]).Where(s => s.Value > 1)) yield return $"{title}: '{twice.Key}' comes twice";
        }
    }

    public static IEnumerable<string> DecisionFaults(IEnumerable<(string Name, string Text)> decisions, int mostLines)
    {
        var all = decisions.ToList();
        foreach (var (name, text) in all)
        {
            if (!Decision().IsMatch(name)) yield return $"{name}: the name must be NNN-words-with-dashes.md";
            if (!text.StartsWith($"# {name.Split('-')[0]}", StringComparison.Ordinal)) yield return $"{name}: the title must start with its number";
            if (text.TrimEnd('\n').Split('\n').Length is var lines && lines > mostLines) yield return $"{name}: {lines} lines, at most {mostLines}";
        }
        foreach (var number in all.CountBy(d => d.Name.Split('-')[0]).Where(n => n.Value > 1)) yield return $"{number.Key} is the number of {number.Value} decisions";
    }

    private static string Resolve(string path, string target)
    {
        string from = target.StartsWith('/') ? "/" : "/" + path;
        return new Uri(new Uri("file://" + from), target).LocalPath.TrimStart('/');
    }

    [GeneratedRegex(@"(?s)^ *```.*?^ *```|`[^`\n]*`", RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\(\s*<?([^)\s>]+)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*:", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"^\[\d+\.\d+\.\d+(-[a-z0-9.]+)?\] - \d{4}-\d{2}-\d{2}$")]
    private static partial Regex Version();

    [GeneratedRegex(@"^\d{3}-[a-z0-9]+(-[a-z0-9]+)*\.md$")]
    private static partial Regex Decision();
}
