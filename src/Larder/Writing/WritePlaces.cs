namespace Larder.Writing;

/// <summary>The places of a write-behind queue, and who waits for one. Not safe for threads: the queue's lock guards it.</summary>
/// <remarks>Invariant: the keys that are in the queue, and those that a place is promised to, are at most as many as there may be.</remarks>
internal sealed class WritePlaces(int most)
{
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private int _promised; // What has a place and is not in the queue yet: it is being written to the journal.

    /// <summary>Promises a place, if there is one.</summary>
    /// <param name="queued">How many keys are in the queue.</param>
    /// <param name="isQueued">Whether the key is one of them: then it needs no other.</param>
    internal bool TryPromise(int queued, bool isQueued)
    {
        if (!isQueued && queued + _promised >= most) return false;
        _promised++;
        return true;
    }

    /// <summary>Who has the promise is in the queue now, or will not come.</summary>
    internal void Redeem(int queued)
    {
        _promised--;
        Tell(queued);
    }

    /// <summary>Lines up. Who is told that there is room may find that another has taken it, and lines up anew.</summary>
    internal LinkedListNode<TaskCompletionSource> LineUp() => _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Waits no longer; if it has been told already, another is.</summary>
    internal void TurnAway(LinkedListNode<TaskCompletionSource> mine, int queued)
    {
        if (mine.List is not null) _waiting.Remove(mine);
        else Tell(queued);
    }

    /// <summary>Tells as many as there is room for.</summary>
    internal void Tell(int queued)
    {
        for (int room = most - queued - _promised; room > 0 && _waiting.First is { } first; room--)
        {
            _waiting.RemoveFirst();
            first.Value.TrySetResult();
        }
    }

    /// <summary>There will be no room any more.</summary>
    internal void Close(Exception error)
    {
        foreach (var waiter in _waiting) waiter.TrySetException(error);
    }
}
