using System.Buffers;

namespace Larder;

/// <summary>A tier in this process's memory, for tests: bounded, exact, and gone with the process.</summary>
/// <remarks>When it is full, what was written longest ago leaves.</remarks>
public sealed class InMemoryTier : IPrefixTier
{
    // Two keys in one slot can only make a write be left out that might have been done.
    private const int Slots = 1 << 14;

    private readonly Lock _gate = new();
    private readonly Dictionary<TierKey, LinkedListNode<Kept>> _kept = []; // Guarded by _gate.
    private readonly LinkedList<Kept> _oldestFirst = []; // Guarded by _gate. Invariant: the same entries as in _kept.
    private readonly long _capacity;
    private readonly TimeProvider _clock;
    private readonly long[] _states = new long[Slots]; // Guarded by _gate. The number of the latest change among the keys that share a slot.
    private long _changes; // Guarded by _gate. The number of the latest change.
    private long _bytes; // Guarded by _gate. Invariant: the sum over _kept, at most _capacity.
    private bool _disposed; // Guarded by _gate.

    /// <summary>Builds a tier.</summary>
    /// <param name="capacity">How many bytes of keys and payloads it holds: at least 1.</param>
    /// <param name="timeProvider">The clock that ends the entries; null for the system's.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="isShared">Whether it stands for one that several processes share: several caches, that is.</param>
    public InMemoryTier(long capacity = 64 << 20, TimeProvider? timeProvider = null, string name = "memory-tier", bool isShared = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _capacity = capacity;
        _clock = timeProvider ?? TimeProvider.System;
        Name = name;
        IsShared = isShared;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsShared { get; }

    /// <summary>How many entries it holds, with those whose time has come and that nobody has asked for since.</summary>
    public int Count { get { lock (_gate) return _kept.Count; } }

    /// <summary>The bytes of their keys and payloads.</summary>
    public long Bytes { get { lock (_gate) return _bytes; } }

    /// <inheritdoc/>
    public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(receiver);
        cancellationToken.ThrowIfCancellationRequested();
        for (int i = 0; i < keys.Count; i++)
        {
            byte[]? payload = Find(keys[i], out var stamp);
            if (IsShared) receiver.Stamped(i, stamp);
            if (payload is null) continue;
            receiver.Buffer(i).Write(payload);
            receiver.Found(i);
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (var entry in entries)
            {
                if (entry.Over is { } over && !(over == TierStamp.Nothing ? !_kept.ContainsKey(entry.Key) : over.State == _states[SlotOf(entry.Key)])) continue;
                ChangeLocked(entry.Key);
                long bytes = entry.Key.Bytes.Length + entry.Payload.Length;
                if (bytes > _capacity || entry.Until <= _clock.GetUtcNow()) continue;
                while (_bytes + bytes > _capacity) RemoveLocked(_oldestFirst.First!.Value.Key);
                var key = new TierKey(entry.Key.Bytes.ToArray()); // The caller's bytes are the caller's again afterwards.
                _kept[key] = _oldestFirst.AddLast(new Kept(key, entry.Payload.ToArray(), entry.Until));
                _bytes += bytes;
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (var key in keys) ChangeLocked(key);
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ForgetAllLocked();
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask<long> RemovePrefixesAsync(IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            TierKey[] found = [.. _kept.Keys.Where(key => prefixes.Any(prefix => key.Bytes.Span.StartsWith(prefix.Bytes.Span)))];
            foreach (var key in found) ChangeLocked(key);
            return new(found.Length);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            ForgetAllLocked();
        }

        return default;
    }

    private byte[]? Find(TierKey key, out TierStamp stamp)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            stamp = new(0, _states[SlotOf(key)], 0);
            if (!_kept.TryGetValue(key, out var node)) return null;
            if (node.Value.Until > _clock.GetUtcNow()) return node.Value.Payload;
            RemoveLocked(key);
            return null;
        }
    }

    private static int SlotOf(TierKey key) => key.GetHashCode() & (Slots - 1);

    private void ChangeLocked(TierKey key)
    {
        _states[SlotOf(key)] = ++_changes;
        RemoveLocked(key);
    }

    private void RemoveLocked(TierKey key)
    {
        if (!_kept.Remove(key, out var node)) return;
        _oldestFirst.Remove(node);
        _bytes -= node.Value.Key.Bytes.Length + node.Value.Payload.Length;
    }

    private void ForgetAllLocked()
    {
        _states.AsSpan().Fill(++_changes);
        _kept.Clear();
        _oldestFirst.Clear();
        _bytes = 0;
    }

    private sealed record Kept(TierKey Key, byte[] Payload, DateTimeOffset Until);
}
