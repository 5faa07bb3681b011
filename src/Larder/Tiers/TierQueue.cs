using System.Diagnostics.CodeAnalysis;

namespace Larder.Tiers;

/// <summary>The changes that one tier does not have yet, newest per key, in the order in which the keys were first changed.</summary>
/// <remarks>
/// Until the tier has a change, whoever reads the key sees it here; so nothing that the tier still
/// holds of the key is believed. Not safe for threads: the <see cref="TierWriter"/> has the lock.
/// </remarks>
/// <param name="most">How many changes it takes.</param>
/// <param name="mostBytes">How many bytes of values.</param>
/// <param name="isOverdue">Whether nobody waits for the change any more, and others may have changed the key since.</param>
internal sealed class TierQueue(int most, long mostBytes, Predicate<TierChange> isOverdue)
{
    private readonly Dictionary<TierKey, TierChange> _waiting = [];
    private readonly Queue<TierKey> _order = new(); // Invariant: has all keys of _waiting.
    private readonly Dictionary<TierKey, TierChange> _underWay = [];
    private long _bytes; // Invariant: the payloads of both.

    internal int Count => _waiting.Count + _underWay.Count;

    internal bool HasWaiting => _waiting.Count > 0;

    /// <summary>Takes the change in. Returns what whoever waits for it waits for; null if there are too many: then nothing has been taken.</summary>
    internal TierChange? Add(TierChange change, bool isLate = false)
    {
        change.IsLate = isLate;
        if (_bytes + change.Bytes > mostBytes) change.BecomeRemoval();
        if (_waiting.TryGetValue(change.Key, out var earlier))
        {
            // What was loaded does not undo a write or a removal that the tier does not have yet.
            if (change.Over is not null && earlier.Over is null)
            {
                change.Dispose();
                return earlier;
            }

            _bytes -= earlier.Bytes;
            change.Replace(earlier);
            _waiting[change.Key] = change;
        }
        else if (Count >= most)
        {
            return null;
        }
        else
        {
            Wait(change);
        }

        _bytes += change.Bytes;
        return change;
    }

    /// <summary>Moves up to so many changes to those under way.</summary>
    internal IReadOnlyCollection<TierChange> Take(int count)
    {
        while (_underWay.Count < count && _order.TryDequeue(out var key))
        {
            if (!_waiting.Remove(key, out var change)) continue;
            change.IsLate |= isOverdue(change);
            _underWay.Add(key, change);
        }

        return _underWay.Values;
    }

    /// <summary>What is under way is not to be written after all: the key is removed.</summary>
    internal void Refuse(TierChange change)
    {
        _bytes -= change.Bytes;
        change.BecomeRemoval();
    }

    /// <summary>The tier has done what was under way. A write for which it took too long, and which was compared with nothing, is removed again.</summary>
    internal void Done()
    {
        foreach (var change in _underWay.Values)
        {
            if (change is { Payload: not null, Over: null, IsLate: false } && isOverdue(change))
            {
                _bytes -= change.Bytes;
                change.BecomeRemoval();
                Return(change);
            }
            else
            {
                Drop(change);
            }
        }

        _underWay.Clear();
    }

    /// <summary>The tier has failed: what was under way waits again, unless the key has been changed since. Nobody waits for any of it.</summary>
    internal void PutBack()
    {
        foreach (var change in _waiting.Values) Delay(change);
        foreach (var change in _underWay.Values) Return(change);
        _underWay.Clear();
    }

    /// <summary>Forgets what waits; what is under way goes on.</summary>
    internal void Clear()
    {
        foreach (var change in _waiting.Values) Drop(change);
        _waiting.Clear();
        _order.Clear();
    }

    /// <summary>The change that the tier does not have yet.</summary>
    internal bool TryFind(TierKey key, [NotNullWhen(true)] out TierChange? change) => _waiting.TryGetValue(key, out change) || _underWay.TryGetValue(key, out change);

    private static void Delay(TierChange change)
    {
        change.IsLate = true;
        change.TellTried();
    }

    private void Wait(TierChange change)
    {
        _waiting.Add(change.Key, change);
        _order.Enqueue(change.Key);
    }

    private void Return(TierChange change)
    {
        Delay(change);
        if (_waiting.TryGetValue(change.Key, out var later))
        {
            // What was loaded does not take its place.
            bool gives = later.Over is null || change.Over is not null;
            Drop(gives ? change : later);
            if (gives) return;
            _waiting.Remove(change.Key);
        }

        Wait(change);
    }

    private void Drop(TierChange change)
    {
        _bytes -= change.Bytes;
        change.TellTried();
        change.Dispose();
    }
}
