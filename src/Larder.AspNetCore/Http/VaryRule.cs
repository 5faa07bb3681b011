using System.Security.Cryptography;
using System.Text;

namespace Larder.AspNetCore.Http;

/// <summary>What is kept under the address of a resource that has several responses: by which fields of the request they are chosen (RFC 9111 §4.1).</summary>
/// <remarks>
/// Each response is kept under the address, the rule's generation, and the fields' values. So what removes the rule invalidates all of them at once: the next rule has
/// another generation, and nobody asks for the old ones any more.
/// </remarks>
internal sealed class VaryRule(string[] names, string generation) : HttpEntry
{
    // More than any server has reason to. A response that varies by more is not kept.
    private const int MostNames = 32;

    /// <summary>For so long a rule is kept, though it is used. Afterwards it is learnt anew.</summary>
    internal static readonly Lifetime Life = Lifetime.FreshFor(TimeSpan.FromDays(7));

    /// <summary>In lower case, in order, each once.</summary>
    internal string[] Names => names;

    internal string Generation => generation;

    internal override long Weight => 200 + names.Sum(static name => (long)name.Length * 2);

    internal static VaryRule Of(string[] names) => new(names, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));

    /// <summary>The fields that a response varies by; null for all of them, or too many.</summary>
    internal static string[]? NamesOf(HeaderLines response)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (string line in response.All("Vary"))
        {
            var parts = new DirectiveReader(line);
            while (parts.MoveNext())
            {
                if (parts.Is("*") || names.Count == MostNames) return null;
                names.Add(parts.Name.ToString().ToLowerInvariant());
            }
        }

        return [.. names];
    }

    /// <summary>Where the response for such a request is kept.</summary>
    internal string KeyFor(string address, HeaderLines request) => $"{address} {generation} {SelectorOf(names, request)}";

    internal bool Covers(string[] others) => others.All(names.Contains);

    /// <summary>The same for requests whose values of these fields are the same, but for case where it means nothing, space, and how they are spread over lines. Empty for no fields.</summary>
    internal static string SelectorOf(string[] names, HeaderLines request)
    {
        if (names.Length == 0) return "";
        var text = new StringBuilder();
        foreach (string name in names)
        {
            // A field that is not there is another value than an empty one.
            text.Append(name).Append('\0').Append(request.First(name) is null ? "" : "=");
            foreach (string line in request.All(name)) AppendParts(text, line, ignoresCase: name is "accept" or "accept-charset" or "accept-encoding" or "accept-language");
            text.Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    public override string ToString() => $"varies by {string.Join(", ", names)}";

    private static void AppendParts(StringBuilder text, string line, bool ignoresCase)
    {
        foreach (string part in line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            text.Append(ignoresCase ? part.ToLowerInvariant() : part).Append(',');
    }
}
