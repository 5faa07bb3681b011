namespace Larder.Warming;

/// <summary>A cron expression of five fields, in a time zone.</summary>
internal sealed class CronSchedule : Schedule
{
    // A 29 February that is also a given day of the week comes at least once in 40 years.
    private const int MostYears = 40;

    private readonly string _expression;
    private readonly TimeZoneInfo _zone;
    private readonly ulong _minutes;
    private readonly ulong _hours;
    private readonly ulong _days;
    private readonly ulong _months;
    private readonly ulong _weekdays;

    // Whether a day must be in both fields for days: when one of them says nothing.
    private readonly bool _bothDays;

    internal CronSchedule(string expression, TimeZoneInfo zone)
    {
        string[] fields = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length != 5)
            throw new FormatException($"'{expression}' has {fields.Length} fields; a cron expression has 5: minute, hour, day of the month, month, day of the week.");
        _expression = expression;
        _zone = zone;
        _minutes = CronField.Minute.Parse(fields[0]);
        _hours = CronField.Hour.Parse(fields[1]);
        _days = CronField.Day.Parse(fields[2]);
        _months = CronField.Month.Parse(fields[3]);
        _weekdays = CronField.Weekday.Parse(fields[4]);
        if ((_weekdays & (1ul << 7)) != 0) _weekdays |= 1;
        _bothDays = fields[2].StartsWith('*') || fields[4].StartsWith('*');
    }

    public override DateTimeOffset? NextAfter(DateTimeOffset time)
    {
        // On the zone's own clock, minute by minute but with whole months, days and hours skipped.
        var local = TimeZoneInfo.ConvertTime(time, _zone).DateTime - JumpBefore(time);
        var at = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0, DateTimeKind.Unspecified);
        int lastYear = Math.Min(at.Year + MostYears, 9998);
        DateTimeOffset? putOff = null;
        while (at.Year <= lastYear)
        {
            if (!Has(_months, at.Month)) at = new DateTime(at.Year, at.Month, 1).AddMonths(1);
            else if (!IsDay(at)) at = at.Date.AddDays(1);
            else if (!Has(_hours, at.Hour)) at = at.Date.AddHours(at.Hour + 1);
            else if (!Has(_minutes, at.Minute) || Instant(at) is var instant && instant <= time) at = at.AddMinutes(1);
            else if (!_zone.IsInvalidTime(at)) return putOff < instant ? putOff : instant;
            else
            {
                // What the clock jumped over comes later, and what is behind the jump may come before it.
                putOff ??= instant;
                at = at.AddMinutes(1);
            }
        }

        return putOff;
    }

    public override string ToString() => $"{_expression} ({_zone.Id})";

    private static bool Has(ulong set, int value) => (set >> value & 1) != 0;

    private bool IsDay(DateTime at)
    {
        bool ofMonth = Has(_days, at.Day), ofWeek = Has(_weekdays, (int)at.DayOfWeek);
        return _bothDays ? ofMonth && ofWeek : ofMonth || ofWeek;
    }

    // By how much the clock was put forward within the day before: what it jumped over may still have to come.
    private TimeSpan JumpBefore(DateTimeOffset time)
    {
        if (time - DateTimeOffset.MinValue < TimeSpan.FromDays(2)) return TimeSpan.Zero;
        var jump = _zone.GetUtcOffset(time) - _zone.GetUtcOffset(time.AddDays(-1));
        return jump > TimeSpan.Zero ? jump : TimeSpan.Zero;
    }

    private DateTimeOffset Instant(DateTime at)
    {
        // A time that the clock jumped over is taken with the offset from before the jump: as much later as the jump is wide.
        if (_zone.IsInvalidTime(at)) return new(at, _zone.GetUtcOffset(at.AddDays(-1)));

        // Of a time that comes twice, the first.
        return new(at, _zone.IsAmbiguousTime(at) ? _zone.GetAmbiguousTimeOffsets(at).Max() : _zone.GetUtcOffset(at));
    }
}
