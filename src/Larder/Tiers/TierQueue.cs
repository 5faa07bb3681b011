using System.Diagnostics.CodeAnalysis;

namespace Larder.Tiers;

/// <summary>The changes that one tier does not have yet, newest per key, in the order in which the keys were first changed.</summary>
/// <remarks>
/// Until the tier has a change, whoever reads the key sees it here; so nothing that the tier still
/// holds of the key is believed. Not safe for threads: the <see cref="TierWriter"/> has the lock.
/// </remarks>
internal sealed class TierQueue(int most, long mostBytes)
{
    private readonly Dictionary<TierKey, TierChange> _waiting = [];
    private readonly Queue<TierKey> _order = new(); // Invariant: the keys of _waiting, each once.
    private readonly Dictionary<TierKey, TierChange> _underWay = [];
    private long _bytes; // Invariant: the payloads of both.

    internal int Count => _waiting.Count + _underWay.Count;

    internal bool HasWaiting => _waiting.Count > 0;

    /// <summary>Takes the change in. Returns false if there are too many: then nothing has been taken.</summary>
    internal bool TryAdd(TierChange change, bool isLate = false)
    {
        change.IsLate = isLate;
        if (_bytes + change.Bytes > mostBytes) change.BecomeRemoval();
        if (_waiting.TryGetValue(change.Key, out var earlier))
        {
            _bytes -= earlier.Bytes;
            change.Replace(earlier);
            _waiting[change.Key] = change;
        }
        else if (Count >= most)
        {
            return false;
        }
        else
        {
            _waiting.Add(change.Key, change);
            _order.Enqueue(change.Key);
        }

        _bytes += change.Bytes;
        return true;
    }

    /// <summary>Moves up to so many changes to those under way.</summary>
    internal IReadOnlyCollection<TierChange> Take(int count)
    {
        while (_underWay.Count < count && _order.TryDequeue(out var key))
        {
            _waiting.Remove(key, out var change);
            _underWay.Add(key, change!);
        }

        return _underWay.Values;
    }

    /// <summary>What is under way is not to be written after all: the key is removed.</summary>
    internal void Refuse(TierChange change)
    {
        _bytes -= change.Bytes;
        change.BecomeRemoval();
    }

    /// <summary>The tier has done what was under way.</summary>
    internal void Done()
    {
        foreach (var change in _underWay.Values) Drop(change);
        _underWay.Clear();
    }

    /// <summary>The tier has failed: what was under way waits again, unless the key has been changed since. Nobody waits for any of it.</summary>
    internal void PutBack()
    {
        foreach (var change in _waiting.Values) Delay(change);
        foreach (var (key, change) in _underWay)
        {
            Delay(change);
            if (_waiting.TryAdd(key, change)) _order.Enqueue(key);
            else Drop(change);
        }

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

    private void Drop(TierChange change)
    {
        _bytes -= change.Bytes;
        change.TellTried();
        change.Dispose();
    }
}
