using System.Text.RegularExpressions;

namespace Larder.Tidy.Source;

/// <summary>What finished code does not hold, with the reason.</summary>
internal static class BannedWords
{
    private static readonly (Regex Word, string Reason)[] _all =
    [
        (new(@"\b(TODO|FIXME|HACK)\b"), "finish it, or file it where others see it"),
        (new(@"\bNotImplementedException\b"), "what is not implemented is not there"),
        (new(@"\bThread\.Sleep\b"), "wait on a handle or a TimeProvider timer"),
        (new(@"^\s*#region\b"), "a file that needs folding is two files"),
        (new(@"^\s*#(if|elif)\b"), "there is one target framework"),
        (new(@"\b(class|struct|record|interface)\s+\w*(Helpers?|Utils?|Utilit(y|ies)|Managers?)\b"), "name it for what it is"),
    ];

    public static IEnumerable<string> In(string path, string code) =>
        from line in code.Split('\n').Index()
        from ban in _all
        let match = ban.Word.Match(line.Item)
        where match.Success
        select $"{path}:{line.Index + 1}: '{match.Value.Trim()}': {ban.Reason}";
}
