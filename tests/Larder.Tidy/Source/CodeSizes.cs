using System.Text.RegularExpressions;

namespace Larder.Tidy.Source;

/// <summary>Lengths of files and of the members in them, in lines. Reads braces, not C#: good enough to count by.</summary>
internal static partial class CodeSizes
{
    public static int Lines(string code) => code.AsSpan().TrimEnd('\n').Count('\n') + 1;

    /// <summary>Each member of each type, and each block of top-level statements, with its head's first line and its length.</summary>
    public static IEnumerable<(string Head, int Lines)> Members(string code)
    {
        string bare = Unreadable().Replace(code, static m => new string('\n', m.Value.Count(c => c == '\n')));
        Stack<bool> blocks = []; // True for a type's braces.
        int start = 0;
        for (int at = 0; at < bare.Length; at++)
        {
            bool amongMembers = !blocks.Contains(false);
            switch (bare[at])
            {
                case '{':
                    bool opensType = amongMembers && TypeHead().IsMatch(bare.AsSpan(start..at));
                    blocks.Push(opensType);
                    if (opensType) start = at + 1;
                    break;
                case '}':
                    bool closedType = blocks.TryPop(out bool type) && type;
                    if (closedType) start = at + 1;
                    // What follows a body's brace may still belong to it: an initializer, a with, the end of an expression.
                    else if (!blocks.Contains(false) && !ExpressionGoesOn(bare, start, at))
                    {
                        yield return Measure(bare[start..(at + 1)]);
                        start = at + 1;
                    }
                    break;
                case ';' when amongMembers:
                    yield return Measure(bare[start..(at + 1)]);
                    start = at + 1;
                    break;
            }
        }
    }

    private static bool ExpressionGoesOn(string bare, int start, int at)
    {
        string head = bare[start..bare.IndexOf('{', start)];
        while (Parentheses().IsMatch(head)) head = Parentheses().Replace(head, ""); // A parameter's default is no body.
        return Expression().IsMatch(head) || bare.AsSpan(at + 1).TrimStart() is ['=', ..];
    }

    private static (string, int) Measure(string member)
    {
        string text = member.Trim();
        return (text.Split('\n')[0].Trim(), Lines(text));
    }

    // Comments, strings and characters: what may hold a brace that is none.
    [GeneratedRegex("\"\"\"[\\s\\S]*?\"\"\"|@\"(?:[^\"]|\"\")*\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.[^']*|[^'\\\\\\n])'|//[^\\n]*|/\\*[\\s\\S]*?\\*/")]
    private static partial Regex Unreadable();

    [GeneratedRegex(@"(?<![:,]\s*)\b(class|struct|interface|enum|record|namespace)\s+\w+|\bextension\s*(<[^>]*>)?\s*\(")]
    private static partial Regex TypeHead();

    [GeneratedRegex(@"\([^()]*\)")]
    private static partial Regex Parentheses();

    [GeneratedRegex(@"=>|(?<![=!<>])=(?!=)")]
    private static partial Regex Expression();
}
