using Larder.Observability;
using Microsoft.Extensions.Logging;

namespace Larder.Loading;

/// <summary>Tells the log how it goes with the source and with the link, without flooding it. Does not hold the cache: a breaker that it listens to may live longer.</summary>
internal sealed class LoadLog : IDisposable
{
    private readonly string _cache;
    private readonly ILogger _logger;
    private readonly CircuitBreaker? _breaker;
    private readonly LogLimit _failures, _openings, _losses;
    private volatile bool _saidOpen, _saidLost;

    private LoadLog(string cache, ILogger logger, CircuitBreaker? breaker, TimeProvider time)
    {
        (_cache, _logger, _breaker) = (cache, logger, breaker);
        (_failures, _openings, _losses) = (new(time), new(time), new(time));
        if (breaker is not null) breaker.Changed += BreakerChanged;
    }

    internal static LoadLog Of<TKey, TValue>(LoadingCacheOptions<TKey, TValue> options) where TKey : notnull =>
        new(options.Name, options.Memory.Logger, options.Failure.Breaker, options.Memory.TimeProvider);

    internal void Failed(Exception error, long count)
    {
        if (_failures.MaySay()) _logger.Later(logger => logger.LoadsFail(_cache, error.GetType().Name, count));
        if (_logger.IsEnabled(LogLevel.Debug)) _logger.Later(logger => logger.LoadFailed(_cache, error));
    }

    internal void LinkLost()
    {
        if (!_losses.MaySay()) return;
        _saidLost = true;
        _logger.Later(logger => logger.LinkLost(_cache));
    }

    internal void LinkRestored()
    {
        if (!_saidLost) return;
        _saidLost = false;
        _logger.Later(logger => logger.LinkRestored(_cache));
    }

    public void Dispose()
    {
        if (_breaker is not null) _breaker.Changed -= BreakerChanged;
    }

    private void BreakerChanged(BreakerChange change)
    {
        if (change.To is BreakerState.Open or BreakerState.Isolated && _openings.MaySay())
        {
            _saidOpen = true;
            _logger.Later(logger => logger.BreakerOpened(_cache, $"{change.From}", $"{change.To}"));
        }
        else if (change.To == BreakerState.Closed && _saidOpen)
        {
            _saidOpen = false;
            _logger.Later(logger => logger.BreakerClosed(_cache));
        }
    }
}
