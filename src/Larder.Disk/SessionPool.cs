namespace Larder.Disk;

/// <summary>Sessions for whoever comes, as many as run at once, up to a limit beyond which one waits for another's end.</summary>
/// <remarks>
/// A thread finds the session it used last in a slot of its own. Anybody may take from a slot, by an interlocked exchange; only its owner puts
/// into it, when it is empty, and so by a plain store. The lock is for the rest. Whoever waits has looked into every slot after saying that it
/// waits; whoever gives back looks for waiters after filling a slot. So none waits while a session lies idle. That the two see each other is
/// for the one who waits to ensure, by a barrier across the process: waiting is rare, giving back is not.
/// </remarks>
internal sealed class SessionPool(Func<DiskSession> create, string owner)
{
    private const int Most = 256, Slots = 64, Stride = 16; // Slots lie two cache lines apart.

    private readonly DiskSession?[] _slots = new DiskSession?[Slots * Stride];
    private readonly int[] _owners = new int[Slots]; // The thread whose slot it is, from its first use on; 0 for none. A thread without one uses the lock.
    private readonly Lock _gate = new();
    private readonly Stack<DiskSession> _idle = new(); // Guarded by _gate.
    private readonly Queue<TaskCompletionSource<DiskSession>> _waiters = new(); // Guarded by _gate.
    private int _created; // Guarded by _gate. Invariant: at most Most.
    private volatile int _waiting; // Written under _gate; the length of _waiters.
    private volatile bool _closed;

    /// <summary>A session at once; null when one has to wait.</summary>
    internal DiskSession? TryRent()
    {
        ObjectDisposedException.ThrowIf(_closed, owner);
        if (TryOwn(out int mine) && Interlocked.Exchange(ref _slots[mine], null) is { } session) return session;
        lock (_gate) return FindLocked();
    }

    internal ValueTask<DiskSession> RentAsync()
    {
        ObjectDisposedException.ThrowIf(_closed, owner);
        return WaitAsync();
    }

    internal void Return(DiskSession session)
    {
        if (TryOwn(out int mine) && _slots[mine] is null)
        {
            Volatile.Write(ref _slots[mine], session);
            if (_waiting == 0 && !_closed) return;
            if (Interlocked.CompareExchange(ref _slots[mine], null, session) != session) return; // Someone has taken it.
        }

        TaskCompletionSource<DiskSession>? waiter = null;
        lock (_gate)
        {
            if (_waiters.TryDequeue(out waiter)) _waiting = _waiters.Count;
            else _idle.Push(session);
        }

        waiter?.SetResult(session);
    }

    /// <summary>Lets nobody in any more, and disposes all sessions as they come back.</summary>
    internal async Task CloseAsync()
    {
        _closed = true;
        while (true)
        {
            lock (_gate)
                if (_created == 0) return;
            var session = await WaitAsync().ConfigureAwait(false);
            session.Dispose();
            lock (_gate) _created--;
        }
    }

    private ValueTask<DiskSession> WaitAsync()
    {
        lock (_gate)
        {
            if (FindLocked() is { } found) return new(found);
            var waiter = new TaskCompletionSource<DiskSession>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Enqueue(waiter);
            _waiting = _waiters.Count;
            Interlocked.MemoryBarrierProcessWide();
            // One may have been put into a slot before it was said that someone waits.
            if (SweepLocked() is { } swept)
            {
                _waiters.Dequeue().SetResult(swept);
                _waiting = _waiters.Count;
            }

            return new(waiter.Task);
        }
    }

    private DiskSession? FindLocked()
    {
        if (_idle.TryPop(out var idle)) return idle;
        if (_closed || _created == Most) return SweepLocked();
        _created++;
        try
        {
            return create();
        }
        catch
        {
            _created--;
            throw;
        }
    }

    private DiskSession? SweepLocked()
    {
        for (int i = 0; i < Slots; i++)
            if (Interlocked.Exchange(ref _slots[i * Stride], null) is { } session) return session;
        return null;
    }

    private bool TryOwn(out int mine)
    {
        int thread = Environment.CurrentManagedThreadId, slot = thread & (Slots - 1);
        mine = slot * Stride;
        ref int owner = ref _owners[slot];
        return owner == thread || (owner == 0 && Interlocked.CompareExchange(ref owner, thread, 0) == 0);
    }
}
