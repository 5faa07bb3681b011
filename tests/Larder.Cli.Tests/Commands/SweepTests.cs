namespace Larder.Cli.Tests.Commands;

public sealed class SweepTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("larder-sweep-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Entries_of_earlier_versions_are_removed_from_a_disk_tier_and_no_others()
    {
        var cancel = TestContext.Current.CancellationToken;
        foreach (int version in new[] { 0, 1, 2 })
        {
            await using var cache = await OpenAsync(version);
            for (int i = 0; i < 10; i++) await cache.SetAsync(i, $"of {version}", cancellationToken: cancel);
        }

        using StringWriter output = new(), error = new();
        Assert.Equal(0, Program.Run(["sweep", _folder, "--cache", "users", "--below", "2"], output, error, cancel));
        Assert.StartsWith("20 entries removed", output.ToString(), StringComparison.Ordinal);
        await using var now = await OpenAsync(2);
        Assert.Equal("of 2", await now.GetAsync(7, cancel));
        await using var before = new StringWriter();
        Assert.Equal(2, Program.Run(["sweep", _folder, "--cache", "users", "--below", "2"], output, before, cancel));
        Assert.Contains("in use", before.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("two")]
    public void A_version_that_is_none_is_refused(string below)
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(2, Program.Run(["sweep", _folder, "--cache", "users", "--below", below], output, error, TestContext.Current.CancellationToken));
        Assert.Contains($"--below '{below}'", error.ToString(), StringComparison.Ordinal);
    }

    private async Task<LoadingCache<int, string>> OpenAsync(int version) => new(new LoadingCacheOptions<int, string>
    {
        Name = "users",
        Tiers = [new(await DiskTier.OpenAsync(new() { Directory = _folder }))],
        Payloads = new() { SchemaVersion = version },
    });
}
