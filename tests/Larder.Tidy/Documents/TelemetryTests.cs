namespace Larder.Tidy.Documents;

public class TelemetryTests
{
    private const string Code = """
        [LoggerMessage(1, LogLevel.Warning, "It went {How}.")]
        [LoggerMessage(2, LogLevel.Debug, "The key was {Key}.")]
        _meter.CreateObservableCounter(
            "larder.a.b", read);
        Gauge("larder.c", "{x}", read);
        """;

    private const string LogPage = "| 1 | Warning | it went |\n| 2 | Debug | the key |\n";
    private const string MeterPage = "| `larder.a.b` | {x} | |\n| `larder.c` | {x} | |\n";

    [Fact]
    public void Every_event_has_an_id_of_its_own_and_is_listed_and_no_other() =>
        Faults.None(Telemetry.LogFaults(Repo.Files("*.cs", "src").Select(static file => (file, Repo.Read(file))), Repo.Read("docs/operate/logs.md")));

    [Fact]
    public void Every_instrument_is_listed_and_no_other() =>
        Faults.None(Telemetry.InstrumentFaults(Repo.Files("*.cs", "src").Select(Repo.Read), Repo.Read("docs/operate/metrics.md")));

    [Fact]
    public void Pages_that_tell_it_all_pass()
    {
        Assert.Empty(Telemetry.LogFaults([("a.cs", Code)], LogPage));
        Assert.Empty(Telemetry.InstrumentFaults([Code], MeterPage));
    }

    [Theory]
    [InlineData("| 1 |", "| 3 |", 2)]
    [InlineData("Debug", "Error", 1)]
    [InlineData("| 2 | Debug | the key |\n", "", 1)]
    public void A_list_of_events_that_is_wrong_is_found(string good, string bad, int faults) =>
        Assert.Equal(faults, Telemetry.LogFaults([("a.cs", Code)], LogPage.Replace(good, bad, StringComparison.Ordinal)).Count());

    [Fact]
    public void An_id_used_twice_and_a_key_that_is_said_aloud_are_found()
    {
        Assert.Contains(Telemetry.LogFaults([("a.cs", Code), ("b.cs", Code)], LogPage), static fault => fault.Contains("a.cs and b.cs", StringComparison.Ordinal));
        Assert.Contains(Telemetry.LogFaults([("a.cs", Code.Replace("Debug", "Information", StringComparison.Ordinal))], LogPage), static fault => fault.Contains("says a key", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("larder.c", "larder.d", 2)]
    [InlineData("| `larder.a.b` | {x} | |\n", "", 1)]
    public void A_list_of_instruments_that_is_wrong_is_found(string good, string bad, int faults) =>
        Assert.Equal(faults, Telemetry.InstrumentFaults([Code], MeterPage.Replace(good, bad, StringComparison.Ordinal)).Count());
}
