using System.Buffers;
using FASTER.core;
using Larder.Tiers;

namespace Larder.Disk;

/// <summary>One of FASTER's sessions: what one operation at a time uses.</summary>
internal sealed class DiskSession : IDisposable
{
    private const int LargestKept = 1 << 20;

    private readonly RecordFunctions _functions;
    private readonly ClientSession<SpanByte, SpanByte, int, bool, int, RecordFunctions> _session;
    private readonly DiskCounters _counters;
    private readonly long _largestRecord;
    private readonly PooledBuffer _notes = new(); // The keys changed by the call that has the session.
    private byte[] _record = [];

    internal DiskSession(FasterKV<SpanByte, SpanByte> store, DiskCounters counters, long largestRecord)
    {
        (_counters, _largestRecord) = (counters, largestRecord);
        _functions = new(counters);
        _session = store.For(_functions).NewSession<RecordFunctions>();
    }

    /// <summary>Reads what is in memory, and asks the device for the rest.</summary>
    /// <returns>Whether <see cref="CompleteAsync"/> must be awaited.</returns>
    internal bool Read(IReadOnlyList<TierKey> keys, ITierReceiver receiver, long now)
    {
        (_functions.Receiver, _functions.Now, _functions.Error) = (receiver, now, null);
        bool isPending = false;
        if (keys is TierKey[] array)
        {
            for (int i = 0; i < array.Length; i++) isPending |= Read(array[i], i);
        }
        else
        {
            for (int i = 0; i < keys.Count; i++) isPending |= Read(keys[i], i);
        }

        if (!isPending) EndRead();
        return isPending;
    }

    /// <summary>Awaits what the device was asked for. Cannot be cancelled: the receiver is still written to.</summary>
    internal async ValueTask CompleteAsync()
    {
        _functions.IsFromDevice = true;
        await _session.CompletePendingAsync().ConfigureAwait(false);
        EndRead();
    }

    /// <summary>The keys that were changed through this session since the last call, for <see cref="ChangedKeys"/>.</summary>
    internal ReadOnlySpan<byte> Notes => _notes.Written.Span;

    internal void ForgetNotes() => _notes.Clear();

    internal unsafe void Set(in TierEntry entry, long now)
    {
        var key = entry.Key.Bytes.Span;
        long length = DiskRecord.HeaderLength + entry.Payload.Length;
        bool fits = length + key.Length <= _largestRecord;
        if (!fits) _counters.AddRefused();
        if (!fits || entry.Until.UtcTicks <= now)
        {
            Remove(entry.Key);
            return;
        }

        if (_record.Length < length)
        {
            if (_record.Length > 0) ArrayPool<byte>.Shared.Return(_record);
            _record = ArrayPool<byte>.Shared.Rent((int)length);
        }

        var record = _record.AsSpan(0, (int)length);
        DiskRecord.Write(record, key, entry.Payload, entry.Until.UtcTicks);
        fixed (byte* keyPointer = key, recordPointer = record)
        {
            var at = SpanByte.FromPointer(keyPointer, key.Length);
            var value = SpanByte.FromPointer(recordPointer, record.Length);
            if (_session.Upsert(ref at, ref value).IsPending) _session.CompletePending(wait: true);
        }

        ChangedKeys.Add(_notes, entry.Key);
        if (_record.Length > LargestKept) DropRecord();
    }

    internal unsafe void Remove(TierKey key)
    {
        var bytes = key.Bytes.Span;
        fixed (byte* pointer = bytes)
        {
            var at = SpanByte.FromPointer(pointer, bytes.Length);
            if (_session.Delete(ref at).IsPending) _session.CompletePending(wait: true);
        }

        ChangedKeys.Add(_notes, key);
    }

    public void Dispose()
    {
        _session.Dispose();
        _notes.Dispose();
        DropRecord();
    }

    private unsafe bool Read(TierKey tierKey, int index)
    {
        var bytes = tierKey.Bytes.Span;
        fixed (byte* pointer = bytes)
        {
            var key = SpanByte.FromPointer(pointer, bytes.Length);
            bool ignored = false;
            return _session.Read(ref key, ref index, ref ignored, index, 0).IsPending;
        }
    }

    private void EndRead()
    {
        _functions.Receiver = null;
        _functions.IsFromDevice = false;
        if (_functions.Error is not { } error) return;
        _functions.Error = null;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
    }

    private void DropRecord()
    {
        if (_record.Length > 0) ArrayPool<byte>.Shared.Return(_record);
        _record = [];
    }
}
