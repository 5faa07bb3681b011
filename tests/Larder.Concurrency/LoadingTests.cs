namespace Larder.Concurrency;

/// <summary>Threads that read, write, remove, refresh and cancel on few keys of a loading cache, over a source whose loads take random turns.</summary>
public sealed class LoadingTests
{
    private const int Keys = 8;
    private const int MaxRefreshes = 3;

    private static readonly Lifetime _short = new()
    {
        Fresh = TimeSpan.FromMilliseconds(2),
        Stale = TimeSpan.FromMilliseconds(10),
        Fallback = TimeSpan.FromMilliseconds(10),
    };

    private readonly Lock[] _writers = [.. Enumerable.Range(0, Keys).Select(_ => new Lock())];
    private readonly long[] _source = new long[Keys];
    private readonly long[] _completed = new long[Keys];
    private int _refreshing;
    private int _mostRefreshing;

    [Fact]
    public void No_read_is_older_than_the_last_write_completed_before_it() => Stress.Run(seed =>
    {
        var cache = new LoadingCache<int, long>(new LoadingCacheOptions<int, long>
        {
            Memory = new() { Lifetime = _short, Capacity = 6 },
            Loaders = [Loader.For<int, long>((LoadRequest<int, long> request, CancellationToken cancel) => LoadAsync(request, seed, cancel))],
            Refresh = new() { MaxConcurrent = MaxRefreshes, AheadBelow = 0.5, Timeout = TimeSpan.FromSeconds(10) },
            Failure = new() { Backoff = null, Breaker = new(new() { OpenDuration = TimeSpan.FromMilliseconds(1) }) },
        });
        int rounds = Stress.Rounds(40_000);
        Stress.Threads(4, thread => Work(cache, new Random(seed + thread), rounds));

        // What loads what is still awaited goes on by itself; then no load may be left.
        cache.Loads.QuietAsync().GetAwaiter().GetResult();
        cache.CheckIntegrity();
        Assert.InRange(_mostRefreshing, 0, MaxRefreshes);
        cache.DisposeAsync().AsTask().GetAwaiter().GetResult();
    });

    private void Work(LoadingCache<int, long> cache, Random random, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            int key = random.Next(Keys);
            switch (random.Next(32))
            {
                case 0: Write(key, version => cache.SetAsync(key, version, tags: ["all", $"{key}"])); break;
                case 1: Write(key, _ => new(cache.RemoveAsync(key).AsTask())); break;
                case 4: Write(key, _ => cache.RemoveByTagAsync($"{key}")); break;
                case 2: Read(key, cancel => cache.RefreshAsync(key, cancel), random); break;
                case 3: Read(key, async cancel => (await cache.ReadManyAsync([key, (key + 1) % Keys], cancel))[key], random); break;
                default: Read(key, cancel => cache.ReadAsync(key, cancel), random); break;
            }

            Stress.MaybeYield(random);
        }
    }

    private void Write(int key, Func<long, ValueTask> write)
    {
        lock (_writers[key])
        {
            long version = ++_source[key];
            write(version).AsTask().GetAwaiter().GetResult();
            Volatile.Write(ref _completed[key], version);
        }
    }

    private void Read(int key, Func<CancellationToken, ValueTask<CacheResult<long>>> read, Random random)
    {
        long atLeast = Volatile.Read(ref _completed[key]);
        using var cancel = new CancellationTokenSource();
        var pending = read(cancel.Token).AsTask();
        if (random.Next(8) == 0) cancel.Cancel();
        try
        {
            var result = pending.GetAwaiter().GetResult();
            if (result.HasValue && result.Value < atLeast)
                throw new InvalidDataException($"Key {key}: read version {result.Value} ({result.Status}) though {atLeast} had been written before.");
        }
        catch (Exception error) when (error is OperationCanceledException or TimeZoneNotFoundException or CircuitOpenException)
        {
            // Scripted.
        }
    }

    private async ValueTask<Loaded<long>> LoadAsync(LoadRequest<int, long> request, int seed, CancellationToken cancel)
    {
        if (request.IsRefresh)
        {
            int now = Interlocked.Increment(ref _refreshing);
            int most;
            while (now > (most = Volatile.Read(ref _mostRefreshing))) Interlocked.CompareExchange(ref _mostRefreshing, now, most);
        }

        long version = Volatile.Read(ref _source[request.Key]);
        int chance = HashCode.Combine(seed, version, request.Key, Environment.CurrentManagedThreadId) & 31;
        try
        {
            for (int i = chance & 7; i > 0; i--) await Task.Yield();
            cancel.ThrowIfCancellationRequested();
            return chance switch
            {
                8 => throw new TimeZoneNotFoundException(),
                9 => Loaded<long>.Absent,
                10 => new Loaded<long>(version) { IsKept = false },
                11 when request.Old.HasValue && request.Old.Value == version => Loaded<long>.NotModified,
                _ => new Loaded<long>(version) { Tags = ["all", $"{request.Key}"] },
            };
        }
        finally
        {
            if (request.IsRefresh) Interlocked.Decrement(ref _refreshing);
        }
    }
}
