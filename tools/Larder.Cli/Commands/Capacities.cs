using System.Globalization;
using Larder.Cli.Traces;

namespace Larder.Cli.Commands;

/// <summary>The capacities to replay a trace at: given in entries, or in percent of the keys the trace has.</summary>
internal sealed class Capacities
{
    private readonly long[] _entries;
    private readonly decimal[] _percents;

    private Capacities(long[] entries, decimal[] percents)
    {
        _entries = entries;
        _percents = percents;
    }

    /// <summary>How many there are, before percents of a small trace coincide.</summary>
    public int Count => _entries.Length + _percents.Length;

    /// <summary>Reads <c>--capacity</c> or <c>--percent</c>, of which exactly one is given.</summary>
    public static Capacities Parse(string? capacity, string? percent) => (capacity, percent) switch
    {
        (null, null) => throw new UserError("neither --capacity nor --percent is given: one of them is needed."),
        (not null, not null) => throw new UserError($"--capacity '{capacity}' and --percent '{percent}' are both given: only one is allowed."),
        (not null, null) => new(Each(capacity, static text => SharedOptions.Whole("--capacity", text, 1, long.MaxValue)), []),
        (null, not null) => new([], Each(percent, ParsePercent)),
    };

    public long[] For(Trace trace) => [.. _entries.Concat(_percents.Select(trace.CapacityOf)).Distinct()];

    private static T[] Each<T>(string list, Func<string, T> parse) =>
        Array.ConvertAll(list.Split(',', StringSplitOptions.TrimEntries), text => parse(text));

    private static decimal ParsePercent(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal percent) && percent is > 0 and <= 100
            ? percent
            : throw new UserError($"--percent '{text}' is not allowed: it is a number above 0 and at most 100, of the trace's keys.");
}
