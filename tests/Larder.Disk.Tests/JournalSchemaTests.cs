using System.Text;
using System.Text.Json;
using Larder.TestKit;

namespace Larder.Disk.Tests;

/// <summary>What an acknowledged write becomes when another version of the program finds it in the journal.</summary>
public sealed class JournalSchemaTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly List<string> _written = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_migrated_as_entries_are()
    {
        await Leave(new() { SchemaVersion = 1 });
        Assert.Equal(["1=x+2"], await Replay(new() { SchemaVersion = 2, Migrations = [SchemaMigration.Of(1, PayloadSerializer.Raw<string>(), PayloadSerializer.Raw<string>(), static old => old + "+2")] }));
    }

    [Fact]
    public async Task What_cannot_be_read_is_a_dead_letter_and_not_lost()
    {
        await Leave(new() { SchemaVersion = 1 });
        Assert.Empty(await Replay(new() { SchemaVersion = 2 }));
        var line = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(_folder.File("dead.jsonl")))).RootElement;
        Assert.EndsWith("x", Encoding.UTF8.GetString(line.GetProperty("recordBase64").GetBytesFromBase64()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_transformed_in_the_journal_and_among_dead_letters()
    {
        var payloads = new PayloadOptions<int, string> { Transform = new Encryption(new byte[32]) };
        await Leave(payloads, "a secret value");
        foreach (string file in Directory.GetFiles(_folder.File("journal")).Where(static file => !file.EndsWith("in-use", StringComparison.Ordinal)))
            Assert.DoesNotContain("secret", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)), StringComparison.Ordinal);
        Assert.Equal(["1=a secret value"], await Replay(payloads));

        await Leave(payloads, "a secret value");
        await using (var cache = await Open(payloads, static (_, _) => throw new IOException(), maxAttempts: 1))
        {
            await cache.StartAsync();
            await cache.FlushAsync();
        }

        string line = Assert.Single(await File.ReadAllLinesAsync(_folder.File("dead.jsonl")));
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
        Assert.Contains("valueBase64", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_tags_come_back_with_it(bool isTransformed)
    {
        var payloads = new PayloadOptions<int, string> { Transform = isTransformed ? new Encryption(new byte[32]) : null };
        await Leave(payloads, "value", tags: ["one", "another"]);
        await using var cache = await Open(payloads, static (_, _) => default, maxAttempts: 10);
        Assert.Equal("value", await cache.GetAsync(1));
        Assert.True(cache.Contains(1));
        await cache.RemoveByTagAsync("another");
        Assert.False(cache.Contains(1));
        Assert.Equal("value", await cache.GetAsync(1));
    }

    // A process that acknowledges a write, and ends before the source has it.
    private async Task Leave(PayloadOptions<int, string> payloads, string value = "x", TagSet tags = default)
    {
        await using var cache = await Open(payloads, static async (_, cancel) => await Task.Delay(Timeout.Infinite, cancel), maxAttempts: 10);
        await cache.SetAsync(1, value, tags: tags);
        var closing = cache.DisposeAsync().AsTask();
        while (!closing.IsCompleted)
        {
            _folder.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await closing;
    }

    private async Task<List<string>> Replay(PayloadOptions<int, string> payloads)
    {
        _written.Clear();
        await using var cache = await Open(payloads, (writes, _) =>
        {
            _written.AddRange(writes.Select(static write => $"{write.Key}={write.Value}"));
            return default;
        }, maxAttempts: 10);
        await cache.StartAsync();
        await cache.FlushAsync();
        return _written;
    }

    private async Task<LoadingCache<int, string>> Open(PayloadOptions<int, string> payloads, Func<IReadOnlyList<Write<int, string>>, CancellationToken, ValueTask> write, int maxAttempts) => new(new LoadingCacheOptions<int, string>
    {
        Memory = new() { TimeProvider = _folder.Clock },
        Payloads = payloads,
        Writing = new(Writer.ForMany(write))
        {
            Timeout = TimeSpan.FromSeconds(5),
            Behind = new()
            {
                MaxAttempts = maxAttempts,
                FlushTimeout = TimeSpan.FromSeconds(1),
                Journal = await DiskJournal.OpenAsync(new() { Directory = _folder.File("journal") }),
                DeadLetterFile = _folder.File("dead.jsonl"),
            },
        },
    });
}
