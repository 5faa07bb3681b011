using System.Globalization;

namespace Larder.TestKit;

/// <summary>Where a random test takes its seed from: <c>LARDER_SEED</c> when set, else chance. The caller prints it.</summary>
public static class Seeds
{
    public const string Variable = "LARDER_SEED";

    public static int Next() => From(Environment.GetEnvironmentVariable(Variable)) ?? Random.Shared.Next();

    /// <summary>The seed a text names; null when it names none, so that a typo is never a silent seed.</summary>
    public static int? From(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed)
            ? seed
            : throw new FormatException($"{Variable} is '{text}'; it must be a whole number between {int.MinValue} and {int.MaxValue}.");
    }
}
