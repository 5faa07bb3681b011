using Larder.Memory;
using Larder.TestKit;
using Microsoft.Extensions.Logging;

namespace Larder.Tests;

/// <summary>A policy of the user's own that breaks its contract harms hits, and nothing else.</summary>
public sealed class HostilePolicyTests
{
    public static TheoryData<Fault> Faults => [.. Enum.GetValues<Fault>()];

    public enum Fault
    {
        ThrowsOnAdd, ThrowsOnTouch, ThrowsOnReplace, ThrowsOnRemove, ThrowsOnEvict, ThrowsOnResize,
        EvictsNothing, EvictsTheSameAgain, EvictsAnothersEntry, EvictsWithoutForgetting,
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task The_cache_serves_on_within_its_bound(Fault fault)
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        long added = 0, removed = 0;
        var cache = new Cache<int, string>(new()
        {
            Capacity = 100,
            Weigher = (key, _) => 1 + key % 3,
            Policy = EvictionPolicy.Custom("bad", _ => new Faulty(fault)),
            Shards = new() { Count = 2 },
            Removed = removal => removed += removal.Cause == RemovalCause.Replaced ? 0 : 1,
        });
        for (int i = 0; i < 20_000; i++)
        {
            int key = random.Next(300);
            switch (random.Next(10))
            {
                case < 5:
                    if (!cache.Contains(key)) added++;
                    cache.Set(key, $"{key}");
                    break;
                case < 8: Assert.True(!cache.TryGet(key, out string? value) || value == $"{key}", $"seed {seed}"); break;
                case 8: cache.Remove(key); break;
                default:
                    if (random.Next(50) == 0) cache.Capacity = random.Next(50, 150);
                    break;
            }

            Assert.True(cache.Weight <= cache.Capacity, $"seed {seed}: {cache.Weight} of {cache.Capacity}");
        }

        cache.CheckIntegrity();
        Assert.True(cache.Statistics.PolicyFailures > 0, $"seed {seed}");

        // Whatever came has left once: nothing is lost, nothing leaves twice.
        await cache.DisposeAsync();
        Assert.True(added == removed, $"seed {seed}: {added} came, {removed} left");
    }

    [Fact]
    public void A_policy_that_keeps_its_contract_is_left_to_choose()
    {
        using var cache = new Cache<int, int>(new() { Capacity = 3, Policy = EvictionPolicy.Custom("newest", _ => new Faulty(null)), Shards = new() { Count = 1 } });
        for (int key = 0; key < 5; key++) cache.Set(key, key);
        Assert.Equal([2, 3, 4], cache.Select(pair => pair.Key).Order());
        Assert.Equal(0, cache.Statistics.PolicyFailures);
    }

    [Fact]
    public void A_policy_that_cannot_be_used_is_refused_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => new Cache<int, int>(new() { Policy = EvictionPolicy.Custom("greedy", _ => new Faulty(null) { UsesWanted = 125 }) }));
        Assert.Contains("'greedy' is 125; it must be from 0 to 124", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => new Cache<int, int>(new() { Policy = EvictionPolicy.Custom("none", _ => null!) }));
        Assert.Contains("'none' was created as null", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failures_are_logged_ever_more_rarely_and_under_no_lock()
    {
        var logger = new Reentrant();
        using var cache = new Cache<int, int>(new()
        {
            Capacity = 10,
            Policy = EvictionPolicy.Custom("bad", _ => new Faulty(Fault.EvictsNothing) { IsAlwaysFaulty = true }),
            Shards = new() { Count = 1 },
            Logger = logger,
        });
        logger.Cache = cache;
        for (int key = 0; key < 110; key++) cache.Set(key, key);
        Assert.Equal(100, cache.Statistics.PolicyFailures);

        // The 1st, 2nd, 4th … 64th. The logger throws each time, and is asked again.
        for (int i = 0; i < 7; i++) Assert.True(await logger.Said.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Equal(7, logger.Times);
    }

    [Fact]
    public async Task Statistics_that_are_reset_forget_every_failure()
    {
        using var goOn = new ManualResetEventSlim();
        var cache = new Cache<int, int>(new()
        {
            Capacity = 10,
            Policy = EvictionPolicy.Custom("bad", _ => new Faulty(Fault.EvictsNothing) { IsAlwaysFaulty = true }),
            Removed = _ =>
            {
                goOn.Wait();
                throw new FormatException();
            },
        });
        for (int key = 0; key < 20; key++) cache.Set(key, key);
        for (int i = 0; i < RemovalQueue<int, int>.Limit; i++) cache.Set(19, i);
        goOn.Set();
        Assert.True(SpinWait.SpinUntil(() => cache.Statistics.HandlerFailures == RemovalQueue<int, int>.Limit, TimeSpan.FromSeconds(60)));
        Assert.True(cache.Statistics is { PolicyFailures: > 0, RemovalsDropped: > 0 });
        cache.ResetStatistics();
        Assert.Equal((0, 0, 0), (cache.Statistics.HandlerFailures, cache.Statistics.PolicyFailures, cache.Statistics.RemovalsDropped));
        await cache.DisposeAsync();
        Assert.Equal(10, cache.Statistics.HandlerFailures);
    }

    /// <summary>FIFO that goes wrong at every third call of one kind; a plain FIFO without a fault.</summary>
    private sealed class Faulty(Fault? fault) : IEvictionPolicy
    {
        private static readonly EvictionNode _foreign = new Stranger();
        private readonly EntryList _entries = new();
        private EvictionNode? _last;
        private int _calls;

        public bool IsAlwaysFaulty { get; init; }

        public int UsesWanted { get; init; }

        public void OnAdd(EvictionNode node)
        {
            ThrowIf(Fault.ThrowsOnAdd);
            if (fault == Fault.ThrowsOnTouch) node.RecordsUses = true;
            _entries.AddNewest(node);
        }

        public void OnTouch(EvictionNode node) => ThrowIf(Fault.ThrowsOnTouch);

        public void OnReplace(EvictionNode node, EvictionNode by)
        {
            ThrowIf(Fault.ThrowsOnReplace);
            _entries.Replace(node, by);
        }

        public void OnRemove(EvictionNode node)
        {
            ThrowIf(Fault.ThrowsOnRemove);
            _entries.Remove(node);
        }

        public EvictionNode Evict()
        {
            ThrowIf(Fault.ThrowsOnEvict);
            if (Strikes(Fault.EvictsNothing)) return null!;
            if (Strikes(Fault.EvictsAnothersEntry)) return _foreign;
            if (_last is not null && Strikes(Fault.EvictsTheSameAgain)) return _last;
            _last = _entries.Oldest!;
            if (!Strikes(Fault.EvictsWithoutForgetting)) _entries.Remove(_last);
            return _last;
        }

        public void Resize(long capacity) => ThrowIf(Fault.ThrowsOnResize);

        private bool Strikes(Fault kind) => kind == fault && (IsAlwaysFaulty || ++_calls % 3 == 0);

        private void ThrowIf(Fault kind)
        {
            if (Strikes(kind)) throw new FormatException("bad");
        }

        private sealed class Stranger() : EvictionNode(0);
    }

    /// <summary>Writes to the cache from another thread while it is told of a failure, which would not end under a shard's lock.</summary>
    private sealed class Reentrant : ILogger
    {
        public SemaphoreSlim Said { get; } = new(0);

        public int Times;

        public Cache<int, int>? Cache { get; set; }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref Times);
            if (Task.Run(() => Cache!.Remove(-1)).Wait(TimeSpan.FromSeconds(10))) Said.Release();
            throw new FormatException("logger");
        }
    }
}
