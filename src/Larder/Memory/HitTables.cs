using System.Runtime.CompilerServices;

namespace Larder.Memory;

/// <summary>
/// The shards' buckets where the hit path finds them with one load: by the hash's slot, each shard's
/// buckets in all of its slots. Empty buckets where the short hit path will not do, so that it finds nothing there.
/// A struct inside the object of the hit path, which finds it without a load; never copied.
/// </summary>
internal struct HitTables<TKey, TValue>
{
    private static readonly EntryTable<TKey, TValue>.Bucket[] _nothing = new EntryTable<TKey, TValue>.Bucket[1];

    // Written when a shard's table grows or is cleared, under that shard's lock, and by Close.
    private Slots _slots;

    // Guards against publishing after closing.
    private readonly Lock _gate;
    private bool _isClosed;

    public HitTables()
    {
        _gate = new();
        for (int i = 0; i < ShardOptions<TKey>.Most; i++) _slots[i] = _nothing;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal EntryTable<TKey, TValue>.Bucket[] For(int hash) =>
        Volatile.Read(ref Unsafe.Add(ref Unsafe.As<Slots, EntryTable<TKey, TValue>.Bucket[]>(ref _slots), (nint)(byte)hash));

    internal void Publish(int shard, int shards, EntryTable<TKey, TValue>.Bucket[] buckets)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            int each = ShardOptions<TKey>.Most / shards;
            for (int i = shard * each; i < (shard + 1) * each; i++) Volatile.Write(ref _slots[i], buckets);
        }
    }

    /// <summary>From now on the short hit path finds nothing.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            for (int i = 0; i < ShardOptions<TKey>.Most; i++) Volatile.Write(ref _slots[i], _nothing);
        }
    }

    [InlineArray(ShardOptions<TKey>.Most)]
    private struct Slots
    {
        private EntryTable<TKey, TValue>.Bucket[] _first;
    }
}
