namespace Larder.Tidy.Documents;

public class DocumentTests
{
    private const int MostLinesOfDecision = 60;

    private const string Changelog = "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-31\n\n### Added\n\n- All.\n";

    [Fact]
    public void Relative_links_lead_somewhere() => Faults.None(Repo.Files("*.md", ".").SelectMany(f => Markdown.BrokenLinks(f, Repo.Read(f),
        target => File.Exists(Repo.Path(target)) || Directory.Exists(Repo.Path(target)))));

    [Fact]
    public void The_changelog_keeps_its_shape() => Faults.None(Markdown.ChangelogFaults(Repo.Read("CHANGELOG.md")));

    [Fact]
    public void Decisions_are_numbered_once_and_short() => Faults.None(Markdown.DecisionFaults(
        Repo.Files("*.md", "docs/decisions").Select(f => (Path.GetFileName(f), Repo.Read(f))), MostLinesOfDecision));

    [Theory]
    [InlineData("[a](b.md)", "docs/b.md")]
    [InlineData("![a](../b.svg#c \"title\")", "b.svg")]
    [InlineData("[a](/b%20c)", "b c")]
    public void A_link_is_looked_up_from_its_document(string text, string target)
    {
        Assert.Single(Markdown.BrokenLinks("docs/a.md", text, _ => false));
        Assert.Empty(Markdown.BrokenLinks("docs/a.md", text, path => path == target));
    }

    [Theory]
    [InlineData("[a](https://example.org/b)")]
    [InlineData("[a](#here)")]
    [InlineData("`[a](b.md)`")]
    [InlineData("```\n[a](b.md)\n```")]
    public void What_leads_to_no_file_is_no_link(string text) => Assert.Empty(Markdown.BrokenLinks("a.md", text, _ => false));

    [Fact]
    public void A_good_changelog_passes() => Assert.Empty(Markdown.ChangelogFaults(Changelog));

    [Theory]
    [InlineData("# Changelog", "# Changes")]
    [InlineData("[Unreleased]", "Next")]
    [InlineData("[0.1.0]", "0.1.0")]
    [InlineData("2026-01-31", "January")]
    [InlineData("### Added", "### New")]
    [InlineData("- All.", "All.")]
    [InlineData("- All.\n", "- All.\n\n### Added\n\n- More.\n")]
    public void A_changelog_out_of_shape_is_found(string good, string bad) =>
        Assert.NotEmpty(Markdown.ChangelogFaults(Changelog.Replace(good, bad, StringComparison.Ordinal)));

    [Theory]
    [InlineData("1-short.md", "# 1. A\n")]
    [InlineData("001-a.md", "# A\n")]
    [InlineData("001-a.md", "# 001. A\n\n\n.\n")]
    [InlineData("000-b.md", "# 000. B\n")]
    public void A_decision_out_of_order_is_found(string name, string text) =>
        Assert.Single(Markdown.DecisionFaults([("000-first.md", "# 000. First\n"), (name, text)], mostLines: 3));
}
