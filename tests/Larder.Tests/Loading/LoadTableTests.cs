using Larder.Loading;

namespace Larder.Tests.Loading;

/// <summary>Walks the whole product of ages and endings, and holds the decision table to the one in the documentation.</summary>
public sealed class LoadTableTests
{
    private static readonly Dictionary<string, LoadEnding> _endings = new()
    {
        ["value"] = LoadEnding.Value,
        ["value not to be kept"] = LoadEnding.Unkept,
        ["absent"] = LoadEnding.Absent,
        ["not modified"] = LoadEnding.NotModified,
        ["exception"] = LoadEnding.Threw,
        ["timeout"] = LoadEnding.TimedOut,
        ["refused"] = LoadEnding.Refused,
        ["cancelled"] = LoadEnding.Cancelled,
        ["found in a tier"] = LoadEnding.Found,
        ["found nowhere"] = LoadEnding.Nowhere,
    };

    [Fact]
    public void The_table_in_the_documentation_is_the_table_in_the_code()
    {
        var documented = Documented();
        foreach (var age in Enum.GetValues<EntryAge>())
        {
            foreach (var ending in Enum.GetValues<LoadEnding>())
            {
                Assert.True(documented.TryGetValue((age, ending), out var row), $"There is no row for {age} and {ending}.");
                Assert.Equal(row, Said(LoadTable.Decide(age, ending, usesFallback: true, dropsOnError: false)));
            }
        }

        Assert.Equal(Enum.GetValues<EntryAge>().Length * Enum.GetValues<LoadEnding>().Length, documented.Count);
    }

    [Fact]
    public void Without_fallback_an_expired_value_is_as_none_where_the_old_one_would_be_served()
    {
        foreach (var ending in Enum.GetValues<LoadEnding>())
        {
            var expected = ending == LoadEnding.NotModified
                ? LoadTable.Decide(EntryAge.Expired, ending, usesFallback: true, dropsOnError: false)
                : LoadTable.Decide(EntryAge.None, ending, usesFallback: true, dropsOnError: false);
            Assert.Equal(expected, LoadTable.Decide(EntryAge.Expired, ending, usesFallback: false, dropsOnError: false));
        }
    }

    [Fact]
    public void Dropping_on_error_drops_what_was_served_and_nothing_else()
    {
        foreach (var age in Enum.GetValues<EntryAge>())
        {
            foreach (var ending in Enum.GetValues<LoadEnding>())
            {
                var kept = LoadTable.Decide(age, ending, usesFallback: true, dropsOnError: false);
                bool drops = (age, ending) is (EntryAge.Fresh or EntryAge.Stale, LoadEnding.Threw or LoadEnding.TimedOut);
                Assert.Equal(drops ? kept with { Fate = Fate.Drop } : kept, LoadTable.Decide(age, ending, usesFallback: true, dropsOnError: true));
            }
        }
    }

    private static Dictionary<(EntryAge, LoadEnding), (string Gets, string Entry, string BacksOff)> Documented()
    {
        var rows = new Dictionary<(EntryAge, LoadEnding), (string, string, string)>();
        foreach (string line in Docs.Read("concepts/loading.md").Split('\n'))
        {
            string[] cells = [.. line.Split('|', StringSplitOptions.TrimEntries)];
            if (cells.Length != 7 || !_endings.TryGetValue(cells[2], out var ending)) continue;
            foreach (string age in cells[1].Split(", "))
                rows.Add((Enum.Parse<EntryAge>(age, ignoreCase: true), ending), (cells[3], cells[4].TrimEnd(' ', '¹', '²'), cells[5]));
        }

        return rows;
    }

    private static (string, string, string) Said(Decision decision) => (
        decision.Answer switch
        {
            Answer.Loaded => "the value",
            Answer.Absence => "nothing: absent",
            Answer.Old => "the old value",
            Answer.Nothing => "nothing",
            _ => "an exception",
        },
        decision.Fate switch
        {
            Fate.Store => "is replaced",
            Fate.StoreFound => "is replaced for what is left of its time",
            Fate.Renew => "begins its life anew",
            Fate.StoreAbsence => "becomes an absence",
            Fate.Drop => "leaves",
            _ => "stays",
        },
        decision.IsFailure ? "yes" : "no");
}
