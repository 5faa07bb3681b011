using System.Globalization;
using System.Numerics;
using Microsoft.Extensions.Configuration;

namespace Larder.Hosting;

/// <summary>
/// Reads one section of a configuration. A value that is not what its key takes is a fault, and what it would have replaced stays; a key that nobody has asked for is a fault too,
/// for it is most likely another one misspelt.
/// </summary>
internal sealed class OptionsReader
{
    private const string None = "none", Forever = "forever", TimeAllowed = "a time, such as 00:05:00 or 1.12:00:00, or " + Forever;

    private readonly List<string> _faults; // Those of the whole configuration.
    private readonly Dictionary<string, IConfigurationSection> _unread;
    private readonly List<string> _known = [];

    private OptionsReader(IConfigurationSection section, List<string> faults)
    {
        _faults = faults;
        _unread = section.GetChildren().ToDictionary(static child => child.Key, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Reads the whole of a section: what is in it beyond what was read is a fault.</summary>
    internal static T Whole<T>(IConfigurationSection section, T value, Func<OptionsReader, T, T> read, List<string> faults)
    {
        var reader = new OptionsReader(section, faults);
        value = read(reader, value);
        foreach (var unread in reader._unread.Values)
            faults.Add($"{unread.Path} is not known; {(reader._known.Count == 0 ? "there is nothing to set here" : $"known here are {string.Join(", ", reader._known)}")}.");
        return value;
    }

    internal T Number<T>(string key, T otherwise) where T : struct, INumber<T> =>
        Take(key) is { } found ? T.TryParse(found.Value, StyleOf<T>(), CultureInfo.InvariantCulture, out var value) ? value : Fault(found, AllowedFor<T>(), otherwise) : otherwise;

    internal T? NumberOrNone<T>(string key, T? otherwise) where T : struct, INumber<T> =>
        Take(key) is not { } found ? otherwise
        : IsNone(found) ? null
        : T.TryParse(found.Value, StyleOf<T>(), CultureInfo.InvariantCulture, out var value) ? value : Fault(found, $"{AllowedFor<T>()}, or {None}", otherwise);

    internal TimeSpan Time(string key, TimeSpan otherwise) =>
        Take(key) is { } found ? TryTime(found.Value, out var value) ? value : Fault(found, TimeAllowed, otherwise) : otherwise;

    internal TimeSpan? TimeOrNone(string key, TimeSpan? otherwise) =>
        Take(key) is not { } found ? otherwise
        : IsNone(found) ? null
        : TryTime(found.Value, out var value) ? value : Fault(found, $"{TimeAllowed}, or {None}", otherwise);

    internal bool Flag(string key, bool otherwise) =>
        Take(key) is { } found ? bool.TryParse(found.Value, out bool value) ? value : Fault(found, "true or false", otherwise) : otherwise;

    internal string? Text(string key, string? otherwise) => Take(key) is { } found ? found.Value : otherwise;

    /// <summary>One of some, by name.</summary>
    internal T Choice<T>(string key, T otherwise, IEnumerable<T> choices)
    {
        if (Take(key) is not { } found) return otherwise;
        foreach (var choice in choices)
        {
            if (string.Equals(choice?.ToString(), found.Value, StringComparison.OrdinalIgnoreCase)) return choice;
        }

        return Fault(found, $"one of {string.Join(", ", choices)}", otherwise);
    }

    internal TimeZoneInfo Zone(string key, TimeZoneInfo otherwise) =>
        Take(key) is { } found ? TimeZoneInfo.TryFindSystemTimeZoneById(found.Value ?? "", out var zone) ? zone : Fault(found, "the name of a time zone, such as Europe/Paris", otherwise) : otherwise;

    /// <summary>A section within this one. Null stays null: that is a fault of the code's.</summary>
    internal T Part<T>(string key, T value, Func<OptionsReader, T, T> read)
    {
        if (Take(key) is not { } found || value is null) return value;
        return found.GetChildren().Any() ? Whole(found, value, read, _faults) : Fault(found, "a section", value);
    }

    /// <summary>A section that there may be or not: a section, true for one with nothing but defaults, or false for none.</summary>
    internal T? Optional<T>(string key, T? value, Func<T> defaults, Func<OptionsReader, T, T> read) where T : class
    {
        if (Take(key) is not { } found) return value;
        if (found.GetChildren().Any()) return Whole(found, value ?? defaults(), read, _faults);
        return bool.TryParse(found.Value, out bool isWanted) ? isWanted ? value ?? defaults() : null : Fault(found, "a section, true for the defaults, or false for none", value);
    }

    private static bool IsNone(IConfigurationSection found) => string.Equals(found.Value, None, StringComparison.OrdinalIgnoreCase);

    // In one format alone: in the usual one, 30 is thirty days, and so is 30:00:00.
    private static bool TryTime(string? text, out TimeSpan value)
    {
        value = TimeSpan.MaxValue;
        return string.Equals(text, Forever, StringComparison.OrdinalIgnoreCase) || (text?.Contains(':', StringComparison.Ordinal) == true && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value));
    }

    private static NumberStyles StyleOf<T>() => typeof(T) == typeof(double) ? NumberStyles.Float : NumberStyles.AllowLeadingSign;

    private static string AllowedFor<T>() => typeof(T) == typeof(double) ? "a number" : typeof(T) == typeof(int) ? "a whole number of at most 32 bits" : "a whole number";

    private IConfigurationSection? Take(string key)
    {
        _known.Add(key);
        return _unread.Remove(key, out var found) ? found : null;
    }

    private T Fault<T>(IConfigurationSection found, string allowed, T otherwise)
    {
        string what = found.GetChildren().Any() ? "a section" : string.IsNullOrEmpty(found.Value) ? "empty" : $"'{found.Value}'";
        _faults.Add($"{found.Path} is {what}; it must be {allowed}.");
        return otherwise;
    }
}
