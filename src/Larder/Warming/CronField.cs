using System.Globalization;

namespace Larder.Warming;

/// <summary>One field of a cron expression: which numbers it may have, and which names they have.</summary>
internal sealed class CronField(string name, int least, int most, params string[] names)
{
    internal static CronField Minute { get; } = new("minute", 0, 59);

    internal static CronField Hour { get; } = new("hour", 0, 23);

    internal static CronField Day { get; } = new("day of the month", 1, 31);

    internal static CronField Month { get; } = new("month", 1, 12, "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");

    internal static CronField Weekday { get; } = new("day of the week", 0, 7, "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    /// <summary>The numbers that the text stands for, as bits.</summary>
    internal ulong Parse(string text)
    {
        ulong all = 0;
        foreach (string part in text.Split(',')) all |= ParsePart(part, text);
        return all;
    }

    private ulong ParsePart(string part, string text)
    {
        string[] stepped = part.Split('/');
        if (stepped.Length > 2) throw Fault(text, $"'{part}' has more than one step");
        int step = stepped.Length == 1 ? 1 : Number(stepped[1], text, 1, most);
        string[] ends = stepped[0].Split('-');
        int from, to;
        if (stepped[0] == "*") (from, to) = (least, most);
        else if (ends.Length > 2) throw Fault(text, $"'{stepped[0]}' is no range");
        else if (ends.Length == 2) (from, to) = (Value(ends[0], text), Value(ends[1], text));
        else (from, to) = (Value(ends[0], text), stepped.Length == 2 ? most : Value(ends[0], text));
        if (from > to) throw Fault(text, $"the range '{stepped[0]}' ends before it begins");

        ulong bits = 0;
        for (int value = from; value <= to; value += step) bits |= 1ul << value;
        return bits;
    }

    private int Value(string text, string field)
    {
        int named = Array.FindIndex(names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        return named >= 0 ? named + least : Number(text, field, least, most);
    }

    private int Number(string text, string field, int from, int to) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= from && number <= to
            ? number
            : throw Fault(field, $"'{text}' must be a whole number from {from} to {to}{(names.Length > 0 ? $", or one of {string.Join(", ", names)}" : "")}");

    private FormatException Fault(string field, string fault) => new($"The {name} field of a cron expression is '{field}': {fault}.");
}
