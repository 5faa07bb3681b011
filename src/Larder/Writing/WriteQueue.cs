using System.Diagnostics.CodeAnalysis;

namespace Larder.Writing;

/// <summary>The writes that the source does not have: the newest of each key, in the order in which the keys came. Not safe for threads.</summary>
/// <remarks>Invariant: a key is under way once at most; what comes meanwhile waits until that has ended, and is written after it.</remarks>
internal sealed class WriteQueue<TKey, TValue>(IEqualityComparer<TKey>? comparer) where TKey : notnull
{
    private readonly Dictionary<TKey, QueuedWrite<TKey, TValue>> _all = new(comparer);
    private readonly LinkedList<QueuedWrite<TKey, TValue>> _ready = []; // Those that wait and are not under way.
    private long _number;

    internal int Count => _all.Count;

    /// <summary>The number of the newest write.</summary>
    internal long Newest => _number;

    internal bool Has(TKey key) => _all.ContainsKey(key);

    /// <summary>Takes a write in. Returns whether it has replaced one.</summary>
    internal bool Add(in Write<TKey, TValue> write, long position, long now)
    {
        long number = ++_number;
        if (!_all.TryGetValue(write.Key, out var queued))
        {
            queued = new(write.Key) { First = number, FirstWaiting = number, Since = now, Due = now };
            _all.Add(write.Key, queued);
            _ready.AddLast(queued);
        }

        bool replaces = queued.Waiting is not null;
        if (!replaces) queued.FirstWaiting = number;
        if (queued.UnderWay is null) queued.Attempts = 0; // Those were of the write that it replaces.
        queued.Waiting = write;
        queued.Position = position;
        return replaces;
    }

    /// <summary>Takes out what may be written now, to be under way. What has failed twice goes alone.</summary>
    internal List<QueuedWrite<TKey, TValue>> Take(int most, long now)
    {
        List<QueuedWrite<TKey, TValue>> taken = [];
        for (var node = _ready.First; node is not null && taken.Count < most;)
        {
            var (queued, next) = (node.Value, node.Next);
            bool goesAlone = queued.Failures > 1;
            if (queued.Due <= now && !(goesAlone && taken.Count > 0))
            {
                _ready.Remove(node);
                queued.UnderWay = queued.Waiting;
                queued.Waiting = null;
                taken.Add(queued);
                if (goesAlone) break;
            }

            node = next;
        }

        return taken;
    }

    /// <summary>The source has it, or it has been given up.</summary>
    internal void Done(QueuedWrite<TKey, TValue> queued, long now)
    {
        queued.UnderWay = null;
        queued.Attempts = queued.Failures = 0;
        if (queued.Waiting is null)
        {
            _all.Remove(queued.Key);
            return;
        }

        queued.First = queued.FirstWaiting;
        queued.Since = queued.Due = now;
        _ready.AddLast(queued);
    }

    /// <summary>It is to be tried again; unless a newer write has come, which is tried instead.</summary>
    internal void PutBack(QueuedWrite<TKey, TValue> queued, long due)
    {
        queued.Failures++;
        if (queued.Waiting is null) (queued.Waiting, queued.FirstWaiting) = (queued.UnderWay, queued.First);
        else queued.Attempts = 0;
        queued.UnderWay = null;
        queued.Due = due;
        _ready.AddLast(queued);
    }

    /// <summary>All may be tried at once.</summary>
    internal void Hasten(long now)
    {
        foreach (var queued in _ready) queued.Due = Math.Min(queued.Due, now);
    }

    internal bool TryFind(TKey key, [NotNullWhen(true)] out QueuedWrite<TKey, TValue>? queued) => _all.TryGetValue(key, out queued);

    /// <summary>Whether the source has every write up to that number.</summary>
    internal bool IsDoneUpTo(long number) => _all.Values.All(queued => queued.First > number);

    internal IEnumerable<QueuedWrite<TKey, TValue>> All => _all.Values;
}
