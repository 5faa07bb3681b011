using System.Collections;

namespace Larder;

/// <summary>How a dashboard shows caches.</summary>
/// <example><code>app.MapLarderDashboard("/larder", new() { ShowsValues = true }).RequireAuthorization("operators");</code></example>
public sealed record DashboardOptions
{
    private const int MostCharacters = 4_000;
    private const int MostItems = 20;

    /// <summary>Whether who looks up a key may see its value. Default: false, for values are your users' data.</summary>
    public bool ShowsValues { get; init; }

    /// <summary>How often the figures are read while somebody looks. From 100 milliseconds to 1 minute; default: 1 second.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The text of a value. Default: what its <see cref="object.ToString"/> says, of a collection that of its first 20 items; 4,000 characters at most.</summary>
    public Func<object?, string> Format { get; init; } = static value => Cut(TextOf(value));

    internal IEnumerable<string> Faults(string name)
    {
        if (Interval < TimeSpan.FromMilliseconds(100) || Interval > TimeSpan.FromMinutes(1)) yield return $"{name}.{nameof(Interval)} is {Interval}; it must be from 100 milliseconds to 1 minute.";
        if (Format is null) yield return $"{name}.{nameof(Format)} is null; leave it out for the default.";
    }

    private static string TextOf(object? value) => value switch
    {
        null => "null",
        string text => text,
        byte[] bytes => $"{bytes.Length} bytes: {Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 64)))}{(bytes.Length > 64 ? "…" : "")}",
        ICollection many => $"[{string.Join(", ", many.Cast<object?>().Take(MostItems).Select(TextOf))}{(many.Count > MostItems ? $", … {many.Count} in all" : "")}]",
        _ => value.ToString() ?? "",
    };

    private static string Cut(string text) => text.Length <= MostCharacters ? text : $"{text.AsSpan(0, MostCharacters)}…";
}
