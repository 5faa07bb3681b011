using System.Buffers;
using FASTER.core;

namespace Larder.Disk;

/// <summary>What FASTER calls for a session: it checks what is found and hands it on. Used by one operation at a time.</summary>
internal sealed class RecordFunctions(DiskCounters counters) : FunctionsBase<SpanByte, SpanByte, int, bool, int>
{
    /// <summary>Where to; the input of a read is the position.</summary>
    internal ITierReceiver? Receiver { get; set; }

    internal long Now { get; set; }

    /// <summary>Whether what is found now comes from the device. What lies in memory was written there whole, or read there sector by checked sector.</summary>
    internal bool IsFromDevice { get; set; }

    /// <summary>What the receiver threw. FASTER must not see it: it holds its epoch here.</summary>
    internal Exception? Error { get; set; }

    public override bool SingleReader(ref SpanByte key, ref int input, ref SpanByte value, ref bool dst, ref ReadInfo readInfo) => Take(ref key, input, ref value);

    public override bool ConcurrentReader(ref SpanByte key, ref int input, ref SpanByte value, ref bool dst, ref ReadInfo readInfo) => Take(ref key, input, ref value);

    public override bool SingleWriter(ref SpanByte key, ref int input, ref SpanByte src, ref SpanByte dst, ref bool output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
        src.CopyTo(ref dst);
        return true;
    }

    // Never in place: a reader would see half of it. The new record goes to the log's end.
    public override bool ConcurrentWriter(ref SpanByte key, ref int input, ref SpanByte src, ref SpanByte dst, ref bool output, ref UpsertInfo upsertInfo) => false;

    private bool Take(ref SpanByte key, int index, ref SpanByte value)
    {
        var record = value.AsReadOnlySpan();
        if (!DiskRecord.TryRead(record, key.AsReadOnlySpan(), isChecked: IsFromDevice, out long until))
        {
            counters.AddCorrupt();
            return true;
        }

        if (until <= Now || Error is not null) return true;
        try
        {
            var payload = record[DiskRecord.HeaderLength..];
            if (Receiver is TierPayloads usual)
            {
                usual.Put(index, payload); // Spares four calls through interfaces, a tenth of a read.
            }
            else
            {
                Receiver!.Buffer(index).Write(payload);
                Receiver.Found(index);
            }
        }
        catch (Exception error)
        {
            Error = error;
        }

        return true;
    }
}
