using Larder.TestKit;

namespace Larder.Tests.Loading;

/// <summary>
/// Random interleavings of reads, writes, removals, refreshes, failures and cancellations on fake time. The source knows the
/// newest version of each key; a load brings what was newest when it began. Held always: no read returns a version older
/// than the last write or removal completed before it began; at most so many refreshes at once; in the end no load is left.
/// </summary>
public sealed class InterleavingTests
{
    private const int Keys = 4;
    private const int MaxRefreshes = 2;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_read_is_older_than_the_last_completed_write_and_no_load_is_left_behind(int tiers)
    {
        int seed = Seeds.Next();
        for (int run = 0; run < 60; run++)
        {
            try
            {
                await using var one = new Run(seed + run, tiers);
                await one.Go(steps: 1500);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"With {Seeds.Variable}={seed + run}: {error.Message}", error);
            }
        }
    }

    private sealed class Run : IAsyncDisposable
    {
        private readonly FakeClock _clock = new();
        private readonly Random _random;
        private readonly LoadingCache<int, int> _cache;
        private readonly int[] _newest = new int[Keys];
        private readonly List<(Task<CacheResult<int>> Read, int Key, int AtLeast, CancellationTokenSource Cancel)> _reads = [];

        // The loads that wait for the test to let them end. Guarded by itself: refreshes begin on the pool.
        private readonly List<(TaskCompletionSource<Loaded<int>> Gate, int Key, int Version)> _loads = [];
        private int _refreshing;
        private int _mostRefreshing;

        public Run(int seed, int tiers)
        {
            _random = new(seed);
            double failing = _random.Next(3) * 0.1;
            _cache = new(new LoadingCacheOptions<int, int>
            {
                Memory = new() { Lifetime = Shop.Ages, TimeProvider = _clock, Capacity = _random.Next(2) == 0 ? 3 : 1000 },
                Loaders = [Loader.For<int, int>(LoadAsync)],
                Refresh = new()
                {
                    MaxConcurrent = MaxRefreshes,
                    MaxWaiting = _random.Next(2),
                    Timeout = TimeSpan.FromSeconds(3),
                    AheadBelow = _random.Next(2) * 0.3,
                    DropsOnError = _random.Next(2) == 0,
                },
                Failure = new()
                {
                    HardTimeout = TimeSpan.FromSeconds(5),
                    SoftTimeout = _random.Next(2) == 0 ? TimeSpan.FromSeconds(1) : null,
                    Backoff = _random.Next(2) == 0 ? null : new(),
                },
                Tiers = [.. Enumerable.Range(0, tiers).Select(i => new TierOptions(new FlakyTier(new InMemoryTier(10_000, _clock), seed + i, failing))
                {
                    MaxWaiting = _random.Next(2) == 0 ? 2 : 100,
                    Lifetime = _random.Next(2) == 0 ? null : Lifetime.FreshFor(TimeSpan.FromSeconds(60)),
                    Breaker = new() { OpenDuration = TimeSpan.FromSeconds(1), FailureThreshold = 3, SuccessThreshold = 1, HalfOpenProbes = 1 },
                })],
            });
        }

        public async Task Go(int steps)
        {
            for (int i = 0; i < steps; i++) await Step();
            Assert.InRange(_mostRefreshing, 0, MaxRefreshes);
            await End();
        }

        public ValueTask DisposeAsync() => _cache.DisposeAsync();

        private async Task Step()
        {
            int key = _random.Next(Keys);
            switch (_random.Next(20))
            {
                case < 8:
                    var cancel = new CancellationTokenSource();
                    var read = _random.Next(5) == 0 ? ReadOne(key, cancel.Token) : _cache.ReadAsync(key, cancel.Token).AsTask();
                    _reads.Add((read, key, _newest[key], cancel));
                    break;
                case < 11:
                    EndOneLoad();
                    break;
                case 11 or 12:
                    await _cache.SetAsync(key, ++_newest[key], tags: TagsOf(key));
                    break;
                case 13:
                    _newest[key]++;
                    await _cache.RemoveAsync(key);
                    break;
                case 14 when _random.Next(4) == 0:
                    for (int k = 0; k < Keys; k++) _newest[k]++;
                    await _cache.ClearAsync();
                    break;
                case 14:
                    // Half of the keys bear the tag.
                    int half = _random.Next(2);
                    for (int k = half; k < Keys; k += 2) _newest[k]++;
                    await _cache.RemoveByTagAsync($"{half}");
                    break;
                case 15:
                    _reads.Add((_cache.RefreshAsync(key).AsTask(), key, _newest[key], new()));
                    break;
                case 16 when _reads.Count > 0:
                    await _reads[_random.Next(_reads.Count)].Cancel.CancelAsync();
                    break;
                default:
                    _clock.Advance(TimeSpan.FromMilliseconds(_random.Next(2500)));
                    break;
            }

            for (int i = _reads.Count - 1; i >= 0; i--)
            {
                if (!_reads[i].Read.IsCompleted) continue;
                await Check(_reads[i]);
                _reads.RemoveAt(i);
            }
        }

        private async Task<CacheResult<int>> ReadOne(int key, CancellationToken cancel) => (await _cache.ReadManyAsync([key, (key + 1) % Keys], cancel))[key];

        private async ValueTask<Loaded<int>> LoadAsync(LoadRequest<int, int> request, CancellationToken cancel)
        {
            if (request.IsRefresh)
            {
                int now = Interlocked.Increment(ref _refreshing);
                lock (_loads) _mostRefreshing = Math.Max(_mostRefreshing, now);
            }

            try
            {
                var gate = new TaskCompletionSource<Loaded<int>>();
                lock (_loads) _loads.Add((gate, request.Key, Volatile.Read(ref _newest[request.Key])));
                return await gate.Task.WaitAsync(cancel);
            }
            finally
            {
                if (request.IsRefresh) Interlocked.Decrement(ref _refreshing);
            }
        }

        private static TagSet TagsOf(int key) => ["all", $"{key % 2}"];

        private void EndOneLoad()
        {
            (TaskCompletionSource<Loaded<int>> Gate, int Key, int Version) load;
            lock (_loads)
            {
                if (_loads.Count == 0) return;
                int i = _random.Next(_loads.Count);
                load = _loads[i];
                _loads.RemoveAt(i);
            }

            switch (_random.Next(8))
            {
                case 0: load.Gate.SetException(new TimeZoneNotFoundException()); break;
                case 1: load.Gate.SetResult(Loaded<int>.Absent); break;
                case 2: load.Gate.SetResult(new Loaded<int>(load.Version) { IsKept = false }); break;
                case 3: load.Gate.SetCanceled(); break;
                default: load.Gate.SetResult(new Loaded<int>(load.Version) { Tags = TagsOf(load.Key) }); break;
            }
        }

        private static async Task Check((Task<CacheResult<int>> Read, int Key, int AtLeast, CancellationTokenSource Cancel) read)
        {
            try
            {
                var result = await read.Read;
                if (result.HasValue && result.Value < read.AtLeast)
                    throw new InvalidOperationException($"Key {read.Key}: read version {result.Value} ({result.Status}) though {read.AtLeast} had been written before.");
            }
            catch (Exception error) when (error is OperationCanceledException or TimeoutException or TimeZoneNotFoundException)
            {
                // Scripted.
            }
            finally
            {
                read.Cancel.Dispose();
            }
        }

        private async Task End()
        {
            var quiet = _cache.Loads.QuietAsync();
            while (!quiet.IsCompleted || !_reads.TrueForAll(static r => r.Read.IsCompleted))
            {
                EndOneLoad();
                _clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            await quiet;
            foreach (var read in _reads) await Check(read);
            _cache.CheckIntegrity();
        }
    }
}
