using Larder.TestKit;
using Larder.Warming;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Larder.Tests.Observability;

/// <summary>What is called on threads of the pool, where an exception that nobody catches ends the process, and so would end these tests.</summary>
public sealed class ThrowingLoggerTests
{
    private static readonly TimeSpan _most = TimeSpan.FromSeconds(30);
    private static readonly ILogger _throws = new Thrower();

    [Fact]
    public async Task Removals_are_told_though_the_handler_and_the_logger_throw()
    {
        int told = 0;
        var cache = new Cache<int, int>(new() { Logger = _throws, Removed = _ => { told++; throw new FormatException("handler"); } });
        for (int i = 0; i < 10; i++) cache.Set(i, i);
        cache.Clear();
        await cache.DisposeAsync();
        Assert.Equal((10, 10L), (told, cache.Statistics.HandlerFailures));
    }

    [Fact]
    public async Task Who_waits_for_a_load_is_told_what_its_loader_threw()
    {
        await using var cache = new LoadingCache<int, int>(static (_, _) => throw new FormatException("loader"), new() { Memory = new() { Logger = _throws } });
        await Assert.ThrowsAsync<FormatException>(() => cache.GetAsync(1).AsTask().WaitAsync(_most));
    }

    [Fact]
    public async Task A_schedule_goes_on_after_a_warm_up_that_failed()
    {
        var clock = new FakeClock();
        int runs = 0;
        await using var cache = new LoadingCache<int, int>(static (key, _) => new(key), new()
        {
            Memory = new() { Logger = _throws, TimeProvider = clock },
            Warming = new()
            {
                AtStart = static _ => throw new FormatException("start"),
                Scheduled = [new() { When = Schedule.Every(TimeSpan.FromMinutes(1)), Keys = _ => Interlocked.Increment(ref runs) == 1 ? throw new FormatException("source") : new([7]) }],
            },
        });
        await cache.StartAsync();
        for (int run = 1; run <= 2; run++)
        {
            int before = run - 1;
            Assert.True(SpinWait.SpinUntil(() => { clock.Advance(TimeSpan.FromSeconds(30)); return Volatile.Read(ref runs) > before; }, _most));
        }

        Assert.True(SpinWait.SpinUntil(() => cache.Contains(7), _most));
    }

    [Fact]
    public async Task An_entry_leaves_though_its_callback_its_tokens_and_the_logger_throw()
    {
        using var cache = new LarderMemoryCache(new() { Logger = _throws });
        var told = new TaskCompletionSource<EvictionReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        var token = new Token(isActive: true);
        cache.Set("a", 1, new MemoryCacheEntryOptions().AddExpirationToken(token)
            .RegisterPostEvictionCallback(static (_, _, _, _) => throw new FormatException("callback"))
            .RegisterPostEvictionCallback((_, _, reason, _) => told.SetResult(reason)));
        token.Change();
        Assert.Equal(EvictionReason.TokenExpired, await told.Task.WaitAsync(_most));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public async Task A_token_that_throws_when_entries_are_looked_through_harms_no_other_entry()
    {
        using var log = new Lines();
        var clock = new FakeClock();
        using var cache = new LarderMemoryCache(new() { Logger = log, TimeProvider = clock, ScanFrequency = TimeSpan.FromMinutes(1) });
        Token throws = new(isActive: false), changes = new(isActive: false);
        cache.Set("throws", 1, new MemoryCacheEntryOptions().AddExpirationToken(throws));
        cache.Set("changes", 2, new MemoryCacheEntryOptions().AddExpirationToken(changes));
        throws.Throws = true;
        changes.Change();
        clock.Advance(TimeSpan.FromMinutes(1));
        cache.TryGetValue("another", out _);
        Assert.Contains("token", await log.NextAsync(1105), StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => cache.Count == 1, _most));
    }

    [Fact]
    public void Options_with_one_logger_are_equal_and_the_one_that_says_nothing_stays_itself()
    {
        Assert.Equal(new LarderMemoryCacheOptions { Logger = _throws }, new LarderMemoryCacheOptions { Logger = _throws });
        Assert.Same(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, new LarderMemoryCacheOptions { Logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance }.Logger);
    }

    private sealed class Thrower : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => throw new FormatException("logger");

        public bool IsEnabled(LogLevel logLevel) => throw new FormatException("logger");

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => throw new FormatException("logger");
    }

    private sealed class Token(bool isActive) : IChangeToken, IDisposable
    {
        private Action<object?>? _callback;
        private object? _state;
        private bool _hasChanged;

        public volatile bool Throws;

        public bool HasChanged => Throws ? throw new FormatException("token") : Volatile.Read(ref _hasChanged);

        public bool ActiveChangeCallbacks => isActive;

        public IDisposable RegisterChangeCallback(Action<object?> callback, object? state)
        {
            (_callback, _state) = (callback, state);
            return this;
        }

        public void Change()
        {
            Volatile.Write(ref _hasChanged, true);
            _callback?.Invoke(_state);
        }

        public void Dispose() => throw new FormatException("registration");
    }
}
