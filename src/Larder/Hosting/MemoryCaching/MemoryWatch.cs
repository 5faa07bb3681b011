using Larder.Observability;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Larder.Hosting;

/// <summary>The tokens on which an entry depends, and the callbacks that are told when it has left.</summary>
internal sealed class MemoryWatch
{
    private readonly Lock _gate = new();

    // What readers go by: what was there when the entry was committed, and what came from inside it since. Replaced under _gate.
    private IChangeToken[] _watched = [];

    // In ticks of UTC. When the entry ends because of what was made inside it and finished after it: the cache was not told that when the entry was put there.
    private long _lateEnd = long.MaxValue;

    // Guarded by _gate. Null when there is nothing to let go, or no more.
    private List<IDisposable>? _registrations;

    // Guarded by _gate.
    private EvictionReason _reason;
    private bool _isSealed;
    private bool _isClosed;

    /// <summary>The maker's, who may add to it. What entries that this one depends on add comes by <see cref="Add"/>, perhaps from elsewhere at the same time.</summary>
    internal List<IChangeToken> Tokens { get; } = [];

    internal List<PostEvictionCallbackRegistration> Callbacks { get; } = [];

    /// <summary>Whether any token has to be asked, for it does not say by itself that it has changed.</summary>
    internal bool HasSilent { get; private set; }

    internal void Add(IChangeToken[] tokens)
    {
        lock (_gate)
        {
            Tokens.AddRange(tokens);
            if (_isSealed) Volatile.Write(ref _watched, [.. _watched, .. tokens]);
        }
    }

    internal IChangeToken[] TokensNow()
    {
        lock (_gate) return [.. Tokens];
    }

    internal void Seal()
    {
        lock (_gate)
        {
            _isSealed = true;
            _watched = [.. Tokens];
        }
    }

    /// <summary>The entry ends then, and not as late as the cache was told.</summary>
    internal void EndAt(DateTimeOffset end) => Volatile.Write(ref _lateEnd, end.UtcTicks);

    /// <summary>Whether the entry is at such an end.</summary>
    internal bool IsOver(TimeProvider time) => Volatile.Read(ref _lateEnd) is not long.MaxValue and var end && end <= time.GetUtcNow().UtcTicks;

    /// <summary>Whether the entry is at its end because of a token.</summary>
    internal bool HasChanged()
    {
        foreach (var token in Volatile.Read(ref _watched))
            if (token.HasChanged) return true;

        return false;
    }

    /// <summary>Has the tokens say when they change.</summary>
    internal void Attach(MemoryEntry entry)
    {
        foreach (var token in Volatile.Read(ref _watched))
        {
            if (!token.ActiveChangeCallbacks)
            {
                HasSilent = true;
                continue;
            }

            var registration = token.RegisterChangeCallback(MemoryEntry.OnChange, entry);
            lock (_gate)
            {
                if (!_isClosed)
                {
                    (_registrations ??= []).Add(registration);
                    continue;
                }
            }

            // It has left already.
            LetGo(registration);
            return;
        }
    }

    /// <summary>The first reason given is the reason why the entry left.</summary>
    internal void Blame(EvictionReason reason)
    {
        lock (_gate)
        {
            if (_reason == EvictionReason.None) _reason = reason;
        }
    }

    /// <summary>Lets the tokens go. Returns whether there are callbacks to be told, which is so once.</summary>
    internal bool Close(EvictionReason reason)
    {
        List<IDisposable>? registrations;
        lock (_gate)
        {
            if (_isClosed) return false;
            _isClosed = true;
            if (_reason == EvictionReason.None) _reason = reason;
            registrations = _registrations;
            _registrations = null;
        }

        foreach (var registration in registrations ?? []) LetGo(registration);
        return Callbacks.Count > 0;
    }

    /// <summary>Tells the callbacks, each of which is told whatever the others do.</summary>
    internal void Tell(object key, object? value, ILogger logger)
    {
        foreach (var callback in Callbacks)
        {
            try
            {
                callback.EvictionCallback?.Invoke(key, value, _reason, callback.State);
            }
            catch (Exception error)
            {
                logger.EvictionCallbackFailed(error);
            }
        }
    }

    private static void LetGo(IDisposable registration)
    {
        try
        {
            registration.Dispose();
        }
        catch (Exception)
        {
            // The token's own affair: the entry has left all the same, and its callbacks are to be told.
        }
    }
}
