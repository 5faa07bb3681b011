using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Larder.Disk.Tests;

/// <summary>A disk tier by a section of the configuration.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("larder-configured-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_section_says_where_and_how_a_tier_keeps_its_entries()
    {
        await using var provider = Container(("Directory", _folder), ("Name", "nvme"), ("MemorySize", "4194304"), ("CheckpointInterval", "00:00:05"), ("FlushToDevice", "true"));
        var users = provider.GetRequiredService<LoadingCache<string, string>>();
        await users.SetAsync("a", "1", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("nvme", Assert.Single(users.TierStatistics).Name);
        Assert.NotEmpty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Whatever_is_wrong_is_said_at_once_and_by_its_key()
    {
        await using var provider = Container(("MemorySize", "much"), ("DiskSize", "5"), ("CloseTimeout", "30"), ("Directry", _folder));
        var error = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<LoadingCache<string, string>>);
        string[] wrong =
        [
            "Disks:users:MemorySize is 'much'; it must be a whole number.", "Disks:users:DiskSize is 5; it must be at least", "Disks:users:CloseTimeout is '30'; it must be a time",
            "Disks:users:Directry is not known; known here are Directory", "Disks:users:Directory is ''; it must name a folder.",
        ];
        Assert.All(wrong, fault => Assert.Contains(error.Failures, failure => failure.StartsWith(fault, StringComparison.Ordinal)));
        Assert.Equal(wrong.Length, error.Failures.Count());
    }

    [Fact]
    public void Every_option_that_is_a_figure_a_time_a_switch_or_a_name_has_a_key()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection([new("Disk:Nothing", "")]).Build().GetSection("Disk");
        string known = Assert.Throws<OptionsValidationException>(() => DiskConfiguration.Apply(section, new() { Directory = _folder })).Message;
        Assert.All(
            typeof(DiskTierOptions).GetProperties().Where(static option => option.PropertyType.IsValueType || option.PropertyType == typeof(string)),
            option => Assert.Contains(option.Name, known, StringComparison.Ordinal));
    }

    private static ServiceProvider Container(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(static one => KeyValuePair.Create($"Disks:users:{one.Key}", (string?)one.Value))).Build();
        return new ServiceCollection()
            .AddLarder(larder => larder.AddCache<string, string>("users", cache => cache.Load(static (key, _) => new(key)).OnDisk(configuration.GetSection("Disks:users"))))
            .BuildServiceProvider();
    }
}
