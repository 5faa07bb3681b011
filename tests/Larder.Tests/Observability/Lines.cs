using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Larder.Tests.Observability;

/// <summary>A log that remembers what it was told, by the event's id.</summary>
internal sealed class Lines : ILogger, IDisposable
{
    private readonly ConcurrentDictionary<int, ConcurrentQueue<string>> _byId = new();
    private readonly SemaphoreSlim _some = new(0);

    public LogLevel Least { get; set; } = LogLevel.Information;

    public ConcurrentQueue<string> Of(int id) => _byId.GetOrAdd(id, static _ => new());

    public async Task<string> NextAsync(int id)
    {
        string? line;
        while (!Of(id).TryDequeue(out line)) Assert.True(await _some.WaitAsync(TimeSpan.FromSeconds(60)), $"Event {id} was not said.");
        return line;
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        Of(eventId.Id).Enqueue($"{formatter(state, exception)} {exception}");
        _some.Release();
    }

    public void Dispose() => _some.Dispose();

    public bool IsEnabled(LogLevel logLevel) => logLevel >= Least;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
}
