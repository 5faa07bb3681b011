using Larder.TestKit;

namespace Larder.Tests.Loading;

/// <summary>A source whose answers a test scripts, with a cache over it on fake time: fresh 10 s, stale 10 s more, a fallback 10 s more.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<int> _asked = [];

    public Shop(Func<LoadingCacheOptions<int, string>, LoadingCacheOptions<int, string>>? change = null)
    {
        var options = new LoadingCacheOptions<int, string>
        {
            Memory = new() { Lifetime = Ages, TimeProvider = Clock },
            Loaders = [Loader.For<int, string>(Answer)],
            Failure = new() { Backoff = null },
        };
        Cache = new(change?.Invoke(options) ?? options);
    }

    public static Lifetime Ages { get; } = new()
    {
        Fresh = TimeSpan.FromSeconds(10),
        Stale = TimeSpan.FromSeconds(10),
        Fallback = TimeSpan.FromSeconds(10),
    };

    public FakeClock Clock { get; } = new();

    public LoadingCache<int, string> Cache { get; }

    /// <summary>What the source answers. Default: "new", at once.</summary>
    public Func<LoadRequest<int, string>, CancellationToken, ValueTask<Loaded<string>>> Answers { get; set; } = static (_, _) => new("new");

    /// <summary>The keys the source was asked for, in order.</summary>
    public IReadOnlyList<int> Asked { get { lock (_gate) return [.. _asked]; } }

    public int Calls => Asked.Count;

    public ValueTask<Loaded<string>> Answer(LoadRequest<int, string> request, CancellationToken cancellationToken)
    {
        lock (_gate) _asked.Add(request.Key);
        return Answers(request, cancellationToken);
    }

    /// <summary>From now on answers wait for the gate that is returned.</summary>
    public TaskCompletionSource<Loaded<string>> Gate()
    {
        var gate = new TaskCompletionSource<Loaded<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Answers = (_, cancel) => new(gate.Task.WaitAsync(cancel));
        return gate;
    }

    /// <summary>Puts an old value in, of the age it has after so many seconds.</summary>
    public async Task Age(int key, int seconds, string value = "old")
    {
        await Cache.SetAsync(key, value);
        Clock.Advance(TimeSpan.FromSeconds(seconds));
    }

    public Task Quiet() => Cache.Loads.QuietAsync();

    public async ValueTask DisposeAsync()
    {
        Cache.CheckIntegrity();
        await Cache.DisposeAsync();
    }
}
