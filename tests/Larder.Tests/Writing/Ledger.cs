using Larder.TestKit;

namespace Larder.Tests.Writing;

/// <summary>A scripted source with a cache that writes to it, on fake time: values live 10 s in memory.</summary>
internal sealed class Ledger : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Write<int, string>> _written = []; // Guarded by _gate.
    private readonly Dictionary<int, string> _values = []; // Guarded by _gate.
    private readonly List<int> _batches = []; // Guarded by _gate.

    public Ledger(WriteBehindOptions<int, string>? behind, FakeClock? clock = null, Func<LoadingCacheOptions<int, string>, LoadingCacheOptions<int, string>>? change = null)
    {
        Clock = clock ?? new();
        var options = new LoadingCacheOptions<int, string>
        {
            Name = "ledger",
            Memory = new() { Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(10)), TimeProvider = Clock },
            Loaders = [Loader.For<int, string>((LoadRequest<int, string> request, CancellationToken _) => new(Find(request.Key) is { } value ? value : Loaded<string>.Absent))],
            Writing = new(Writer.ForMany<int, string>(Write)) { Behind = behind, Timeout = TimeSpan.FromSeconds(5) },
        };
        Cache = new(change?.Invoke(options) ?? options);
    }

    public FakeClock Clock { get; }

    public LoadingCache<int, string> Cache { get; }

    /// <summary>What happens when the source is written to. Default: it takes it.</summary>
    public Func<IReadOnlyList<Write<int, string>>, CancellationToken, ValueTask> Writes { get; set; } = static (_, _) => default;

    /// <summary>What the source has taken, in order.</summary>
    public IReadOnlyList<Write<int, string>> Written { get { lock (_gate) return [.. _written]; } }

    public IReadOnlyList<int> Batches { get { lock (_gate) return [.. _batches]; } }

    public string? Find(int key)
    {
        lock (_gate) return _values.GetValueOrDefault(key);
    }

    public Task Set(int key, string value) => Cache.SetAsync(key, value).AsTask();

    /// <summary>
    /// Lets so much time pass, in steps, and the writers run, until the condition holds. A step of theirs is a moment of real time at least: on a busy machine a call that is about
    /// to end must not be overtaken by its timeout.
    /// </summary>
    public async Task Until(Func<bool> holds, double seconds = 0.1)
    {
        for (long began = Environment.TickCount64; !holds() && Environment.TickCount64 - began < 60_000;)
        {
            Clock.Advance(TimeSpan.FromSeconds(seconds));
            for (int yields = 0; yields < 20 && !holds(); yields++) await Task.Yield();
            if (!holds()) await Task.Delay(1);
        }

        Assert.True(holds());
    }

    /// <summary>Where a test has failed with the source stuck, what disposal waits for is over when its time is: that must pass, or the run would hang.</summary>
    public async ValueTask DisposeAsync()
    {
        var disposal = Cache.DisposeAsync().AsTask();
        await disposal.WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Until(() => disposal.IsCompleted, seconds: 10);
        await disposal;
    }

    private async ValueTask Write(IReadOnlyList<Write<int, string>> writes, CancellationToken cancellationToken)
    {
        lock (_gate) _batches.Add(writes.Count);
        await Writes(writes, cancellationToken);
        lock (_gate)
        {
            foreach (var write in writes)
            {
                _written.Add(write);
                if (write.IsRemoval) _values.Remove(write.Key);
                else _values[write.Key] = write.Value!;
            }
        }
    }
}
