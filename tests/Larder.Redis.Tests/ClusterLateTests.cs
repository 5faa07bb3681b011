using System.Globalization;
using Larder.Redis.Protocol;
using Larder.Redis.Tests.Support;

namespace Larder.Redis.Tests;

/// <summary>What was loaded before a change is not written after it: over a real cluster, without a channel, so that the tier alone decides.</summary>
[Collection(SharedCluster.Name)]
public sealed class ClusterLateTests(ClusterFixture cluster) : IAsyncLifetime
{
    private const int Keys = 48;

    // What is loaded though the tier did not answer is not written there: so it must answer.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RedisClient _first = null!;
    private RedisClient _second = null!;
    private LoadingCache<string, string> _slow = null!;
    private LoadingCache<string, string> _other = null!;
    private int _loads;

    public async ValueTask InitializeAsync()
    {
        await cluster.WholeAsync();
        await cluster.EmptyAsync();
        _first = await RedisClient.ConnectAsync(Node.Patient(cluster.Options));
        _second = await RedisClient.ConnectAsync(Node.Patient(cluster.Options));
        _slow = Open(_first, async (key, cancel) =>
        {
            Interlocked.Increment(ref _loads);
            await _answer.Task.WaitAsync(cancel);
            return $"old {key}";
        });
        _other = Open(_second, static (key, _) => new($"new {key}"));
    }

    public async ValueTask DisposeAsync()
    {
        _answer.TrySetResult();
        if (_slow is not null) await _slow.DisposeAsync();
        if (_other is not null) await _other.DisposeAsync();
        if (_first is not null) await _first.DisposeAsync();
        if (_second is not null) await _second.DisposeAsync();
    }

    [Fact]
    public async Task Wherever_its_key_lies()
    {
        string[] keys = [.. Enumerable.Range(0, Keys).Select(static i => Name("spread", i))];
        var reading = await BeginAsync(keys);
        await ChangeAsync(keys);
        _answer.SetResult();
        await Task.WhenAll(reading);
        await SettledAsync(_slow);
        await FoundAsync(keys);
    }

    [Fact]
    public async Task While_its_slot_is_on_its_way_to_another_node()
    {
        string[] keys = [.. Enumerable.Range(0, Keys).Select(static i => Name("{late}", i))];
        var reading = await BeginAsync(keys);
        await cluster.MoveAsync(HashSlot.Of("late"u8), async () =>
        {
            await ChangeAsync(keys);
            _answer.SetResult();
            await Task.WhenAll(reading);
            await SettledAsync(_slow);
            await FoundAsync(keys);
        });
        await FoundAsync(keys);
    }

    [Fact]
    public async Task When_everything_was_cleared_meanwhile()
    {
        string[] keys = [.. Enumerable.Range(0, Keys).Select(static i => Name("spread", i))];
        var reading = await BeginAsync(keys);
        await _other.ClearAsync();
        await SettledAsync(_other);
        _answer.SetResult();
        await Task.WhenAll(reading);
        await SettledAsync(_slow);
        await using var fresh = Open(_second, static (key, _) => new($"new {key}"));
        foreach (string key in keys) Assert.Equal($"new {key}", await fresh.GetAsync(key));
    }

    // Loads begin: half of the keys are not there, half were removed.
    private async Task<IReadOnlyList<Task>> BeginAsync(string[] keys)
    {
        foreach (string key in keys.Where(static (_, i) => i % 2 == 0))
        {
            await _other.SetAsync(key, "before");
            await _other.RemoveAsync(key);
        }

        await SettledAsync(_other);
        Task[] reading = [.. keys.Select(key => _slow.GetAsync(key).AsTask())];
        await Eventually.Holds(() => Volatile.Read(ref _loads) == keys.Length);
        return reading;
    }

    // A third is written, a third removed, a third stays.
    private async Task ChangeAsync(string[] keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            if (i % 3 == 0) await _other.SetAsync(keys[i], $"new {keys[i]}");
            else if (i % 3 == 1) await _other.RemoveAsync(keys[i]);
        }

        await SettledAsync(_other);
    }

    // By a process that begins now.
    private async Task FoundAsync(string[] keys)
    {
        await using var fresh = Open(_second, static (key, _) => new($"loaded {key}"));
        for (int i = 0; i < keys.Length; i++)
            Assert.Equal((i % 3) switch { 0 => $"new {keys[i]}", 1 => $"loaded {keys[i]}", _ => $"old {keys[i]}" }, (await fresh.ReadAsync(keys[i], Skip.TierWrite)).Value);
    }

    private static Task SettledAsync(LoadingCache<string, string> cache) => Eventually.Holds(() => cache.TierStatistics[0] is { Waiting: 0, MustBeCleared: false });

    private static LoadingCache<string, string> Open(RedisClient client, Func<string, CancellationToken, ValueTask<string>> load) => new(load, new()
    {
        Name = "late",
        Tiers = [new(new RedisTier(client, "late") { RemovalMemory = TimeSpan.FromHours(1) }) { ReadTimeout = _patience, WriteTimeout = _patience }],
    });

    private static string Name(string group, int i) => string.Create(CultureInfo.InvariantCulture, $"{group}/{i}");
}
