using System.Globalization;
using Larder.TestKit;

namespace Larder.Tests.Warming;

public sealed class CronTests
{
    private static readonly TimeZoneInfo _berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [InlineData("* * * * *", "2026-01-01T00:00:30", "2026-01-01T00:01")]
    [InlineData("0 6 * * MON-FRI", "2026-01-02T06:00", "2026-01-05T06:00")] // The 2nd is a Friday.
    [InlineData("*/15 8-9 * * *", "2026-01-01T09:45", "2026-01-02T08:00")]
    [InlineData("5/20 * * * *", "2026-01-01T00:05", "2026-01-01T00:25")]
    [InlineData("0 0 31 * *", "2026-01-31T00:00", "2026-03-31T00:00")]
    [InlineData("0 0 29 2 *", "2026-01-01T00:00", "2028-02-29T00:00")]
    [InlineData("0 0 13 * 5", "2026-01-01T00:00", "2026-01-02T00:00")] // A 13th or a Friday.
    [InlineData("0 0 13 * */1", "2026-01-01T00:00", "2026-01-13T00:00")]
    [InlineData("30 4 1,15 jan,JUL 0,7", "2026-07-01T04:30", "2026-07-05T04:30")] // 7 is Sunday as well.
    public void The_next_time_is_the_one_it_says(string expression, string after, string next) =>
        Assert.Equal(Utc(next), Schedule.Cron(expression).NextAfter(Utc(after)));

    [Fact]
    public void A_time_that_never_comes_is_none() => Assert.Null(Schedule.Cron("0 0 30 2 *").NextAfter(Utc("2026-01-01T00:00")));

    [Fact]
    public void Where_clocks_go_forward_a_time_that_does_not_exist_comes_an_hour_later()
    {
        // On 29 March 2026 in Berlin 02:00 is followed by 03:00, which is 01:00 UTC.
        var schedule = Schedule.Cron("30 2 * * *", _berlin);
        Assert.Equal(Utc("2026-03-28T01:30"), schedule.NextAfter(Utc("2026-03-27T12:00")));
        Assert.Equal(Utc("2026-03-29T01:30"), schedule.NextAfter(Utc("2026-03-28T12:00")));
        Assert.Equal(Utc("2026-03-30T00:30"), schedule.NextAfter(Utc("2026-03-29T12:00")));
    }

    [Fact]
    public void Where_clocks_go_back_a_time_that_comes_twice_is_taken_once()
    {
        // On 25 October 2026 in Berlin 03:00 is followed by 02:00; the first 02:30 is 00:30 UTC.
        var schedule = Schedule.Cron("30 2 * * *", _berlin);
        Assert.Equal(Utc("2026-10-25T00:30"), schedule.NextAfter(Utc("2026-10-24T12:00")));
        Assert.Equal(Utc("2026-10-26T01:30"), schedule.NextAfter(Utc("2026-10-25T00:30")));
    }

    [Theory]
    [InlineData("10 2 * * *", "14:30", "15:40")] // 02:10 does not exist, and comes half an hour later.
    [InlineData("10 2 * * *", "15:30", "15:40")] // Asked between the jump and then.
    [InlineData("10,35 2 * * *", "15:00", "15:35")] // What exists comes before what is put off.
    [InlineData("10,35 2 * * *", "15:35", "15:40")]
    [InlineData("10,40 2 * * *", "15:00", "15:40")]
    [InlineData("10 2 4 * *", "15:35", "15:40")]
    [InlineData("*/10 * * * *", "15:29", "15:30")]
    public void Where_clocks_go_forward_by_half_an_hour_no_time_is_skipped(string expression, string after, string next)
    {
        // On 4 October 2026 on Lord Howe 02:00 is followed by 02:30, which is 15:30 UTC of the day before.
        var schedule = Schedule.Cron(expression, TimeZoneInfo.FindSystemTimeZoneById("Australia/Lord_Howe"));
        Assert.Equal(Utc($"2026-10-03T{next}"), schedule.NextAfter(Utc($"2026-10-03T{after}")));
    }

    [Fact]
    public void Between_a_jump_of_the_clock_and_what_it_put_off_nothing_is_skipped() =>
        Assert.Equal(Utc("2026-03-29T01:30"), Schedule.Cron("30 2 * * *", _berlin).NextAfter(Utc("2026-03-29T01:10")));

    [Theory]
    [InlineData("* * * *", "has 4 fields")]
    [InlineData("60 * * * *", "minute field")]
    [InlineData("* 24 * * *", "hour field")]
    [InlineData("* * 0 * *", "day of the month field")]
    [InlineData("* * * FOO *", "month field")]
    [InlineData("* * * * 8", "day of the week field")]
    [InlineData("5-1 * * * *", "ends before it begins")]
    [InlineData("*/0 * * * *", "'0' must be a whole number from 1")]
    [InlineData("1/2/3 * * * *", "more than one step")]
    [InlineData("1,,2 * * * *", "minute field")]
    [InlineData("-1 * * * *", "minute field")]
    public void A_bad_expression_is_refused_and_the_field_named(string expression, string fault) =>
        Assert.Contains(fault, Assert.Throws<FormatException>(() => Schedule.Cron(expression)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_interval_must_be_above_zero() => Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Every(TimeSpan.Zero));

    /// <summary>Random expressions of numbers and steps, against going through every minute.</summary>
    [Fact]
    public void Every_time_is_that_of_a_minute_by_minute_search()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        for (int run = 0; run < 300; run++)
        {
            int minute = random.Next(60), hour = random.Next(24), step = random.Next(1, 30), weekday = random.Next(7), day = random.Next(1, 29);
            var (expression, matches) = random.Next(5) switch
            {
                0 => ($"{minute} {hour} * * *", (Func<DateTime, bool>)(t => t.Minute == minute && t.Hour == hour)),
                1 => ($"*/{step} {hour} * * *", t => t.Minute % step == 0 && t.Hour == hour),
                2 => ($"{minute} * * * {weekday}", t => t.Minute == minute && (int)t.DayOfWeek == weekday),
                3 => ($"{minute} {hour} {day} * {weekday}", t => t.Minute == minute && t.Hour == hour && (t.Day == day || (int)t.DayOfWeek == weekday)),
                _ => ($"{minute}-59/{step} {hour}-23 * * *", t => t.Minute >= minute && (t.Minute - minute) % step == 0 && t.Hour >= hour),
            };
            var after = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.Next(365 * 24 * 3600));
            var expected = new DateTimeOffset(after.Year, after.Month, after.Day, after.Hour, after.Minute, 0, TimeSpan.Zero);
            do expected = expected.AddMinutes(1);
            while (!matches(expected.DateTime));
            Assert.True(expected == Schedule.Cron(expression).NextAfter(after), $"With LARDER_SEED={seed}: '{expression}' after {after:O}");
        }
    }

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
