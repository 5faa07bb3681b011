namespace Larder.Writing;

/// <summary>When a write-behind queue is looked at: after each interval, or sooner if somebody is in a hurry.</summary>
internal sealed class WritePace(TimeSpan interval, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _pressed = new(0, 1); // Released when nobody should wait for the interval.

    /// <summary>Somebody is in a hurry.</summary>
    internal void Press()
    {
        if (_pressed.CurrentCount > 0) return;
        try
        {
            _pressed.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another did at the same time.
        }
    }

    /// <summary>Waits until it is time: then true. Or only until the work under way is done, if there is any.</summary>
    internal async Task<bool> WaitAsync(Task? working, CancellationToken closing)
    {
        if (working is { IsCompleted: true }) return false;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(closing);
        var pressed = _pressed.WaitAsync(either.Token);
        var passed = Task.Delay(interval, time, either.Token);
        await (working is null ? Task.WhenAny(pressed, passed) : Task.WhenAny(working, pressed, passed)).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(pressed, passed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return pressed.IsCompletedSuccessfully || passed.IsCompletedSuccessfully;
    }

    public void Dispose() => _pressed.Dispose();
}
