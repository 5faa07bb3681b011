using System.Buffers;
using Larder.Tiers;

namespace Larder;

/// <summary>What a tier found, in pooled buffers, by the positions of the keys. Can be used again and again.</summary>
/// <example><code>
/// using var found = new TierPayloads(keys.Count);
/// await tier.GetAsync(keys, found, cancellationToken);
/// for (int i = 0; i &lt; keys.Count; i++)
///     if (found.TryGet(i, out var payload)) Use(keys[i], payload);
/// </code></example>
public sealed class TierPayloads : ITierReceiver, IDisposable
{
    private Slot[] _slots = [];

    /// <summary>Makes room for what is found of so many keys.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 0.</exception>
    public TierPayloads(int count) => Reset(count);

    /// <summary>Of how many keys payloads are awaited.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets everything and awaits the payloads of so many keys. The buffers are kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 0.</exception>
    public void Reset(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        for (int i = 0; i < Count; i++) (_slots[i].IsFound, _slots[i].Stamp) = (false, null);
        int had = _slots.Length;
        if (count > had)
        {
            Array.Resize(ref _slots, count);
            for (int i = had; i < count; i++) _slots[i] = new();
        }

        Count = count;
    }

    /// <summary>The payload found for the key at that position. Valid until the next <see cref="Reset"/> or <see cref="Dispose"/>.</summary>
    public bool TryGet(int index, out ReadOnlyMemory<byte> payload)
    {
        var slot = At(index);
        payload = slot.IsFound ? slot.Buffer.Written : default;
        return slot.IsFound;
    }

    /// <inheritdoc/>
    public IBufferWriter<byte> Buffer(int index)
    {
        var slot = At(index);
        slot.IsFound = false;
        slot.Buffer.Clear();
        return slot.Buffer;
    }

    /// <inheritdoc/>
    public void Found(int index) => At(index).IsFound = true;

    /// <inheritdoc/>
    public void Stamped(int index, TierStamp stamp) => At(index).Stamp = stamp;

    /// <summary>In which state the tier had the key at that position; null if it did not say.</summary>
    public TierStamp? StampOf(int index) => At(index).Stamp;

    /// <summary>Buffer, write and Found in one.</summary>
    internal void Put(int index, ReadOnlySpan<byte> payload)
    {
        var slot = At(index);
        slot.Buffer.Replace(payload);
        slot.IsFound = true;
    }

    /// <summary>Gives the buffers back; what was found is gone.</summary>
    public void Dispose()
    {
        foreach (var slot in _slots) slot.Buffer.Dispose();
        _slots = [];
        Count = 0;
    }

    private Slot At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return _slots[index];
    }

    private sealed class Slot
    {
        internal PooledBuffer Buffer { get; } = new();

        internal bool IsFound { get; set; }

        internal TierStamp? Stamp { get; set; }
    }
}
