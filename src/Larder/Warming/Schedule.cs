using Larder.Warming;

namespace Larder;

/// <summary>When something is done again and again.</summary>
/// <example><code>
/// Schedule.Every(TimeSpan.FromMinutes(10))
/// Schedule.Cron("*/15 8-18 * * MON-FRI", TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"))
/// </code></example>
public abstract class Schedule
{
    private protected Schedule() { }

    /// <summary>At this interval, from whenever it begins.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above zero.</exception>
    public static Schedule Every(TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        return new Interval(interval);
    }

    /// <summary>
    /// At the times of a cron expression: minute, hour, day of the month, month, day of the week (0 or 7 is Sunday), each
    /// a <c>*</c>, numbers, names (<c>JAN</c>, <c>MON</c>), ranges, lists and steps. As everywhere, days match if either
    /// of the two fields for them does, when neither begins with <c>*</c>.
    /// </summary>
    /// <param name="expression">Such as <c>0 6 * * MON-FRI</c>.</param>
    /// <param name="timeZone">Whose times they are. Where clocks are put forward, a time that does not exist is taken as much later as they are put forward; where they are put back, a time that comes twice is taken once. Default: UTC.</param>
    /// <exception cref="FormatException">The expression is none; the message names the field.</exception>
    public static Schedule Cron(string expression, TimeZoneInfo? timeZone = null)
    {
        ArgumentNullException.ThrowIfNull(expression);
        return new CronSchedule(expression, timeZone ?? TimeZoneInfo.Utc);
    }

    /// <summary>The first time after this one; null if there is none.</summary>
    public abstract DateTimeOffset? NextAfter(DateTimeOffset time);

    private sealed class Interval(TimeSpan interval) : Schedule
    {
        public override DateTimeOffset? NextAfter(DateTimeOffset time) => time <= DateTimeOffset.MaxValue - interval ? time + interval : null;

        public override string ToString() => $"every {interval}";
    }
}
