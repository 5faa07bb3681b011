using Larder.Memory;

namespace Larder.Loading;

/// <summary>What came of a read that was not served at once: a wait, a load that is already over, something to serve, or an exception.</summary>
internal readonly struct Reading<TKey, TValue> where TKey : notnull
{
    private Reading(object? source, ReadStatus status, Exception? error, bool isJoined)
    {
        Source = source;
        Status = status;
        Error = error;
        IsJoined = isJoined;
    }

    /// <summary>A <see cref="Waiter{TKey, TValue}"/>, a <see cref="LoadFlight{TKey, TValue}"/> that is over, an entry, or null.</summary>
    internal object? Source { get; }

    internal ReadStatus Status { get; }

    internal Exception? Error { get; }

    internal bool IsJoined { get; }

    internal static Reading<TKey, TValue> Waiting(Waiter<TKey, TValue> waiter) => new(waiter, ReadStatus.Miss, null, false);

    internal static Reading<TKey, TValue> Over(LoadFlight<TKey, TValue> flight, bool isJoined) => new(flight, ReadStatus.Miss, null, isJoined);

    internal static Reading<TKey, TValue> Served(Entry<TKey, Kept<TValue>>? entry, ReadStatus status, Exception? error = null) => new(entry, status, error, false);

    internal static Reading<TKey, TValue> Failed(Exception error) => new(null, ReadStatus.Miss, error, false);
}
