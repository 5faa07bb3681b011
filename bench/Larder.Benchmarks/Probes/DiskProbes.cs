using System.Buffers;
using FASTER.core;
using Larder.Benchmarks.Measuring;
using Larder.Tiers;

namespace Larder.Benchmarks.Probes;

/// <summary>A read through the tier, envelope and all, as a cache above it reads: with a list that it has just made.</summary>
internal readonly struct DiskTierRead(DiskTier tier, TierKey[] keys, TierPayloads found) : IProbe
{
    private readonly TierKey[] _list = new TierKey[1];

    public int Length => keys.Length;

    public bool Do(int position, out object? value)
    {
        value = null;
        found.Reset(1);
        _list[0] = keys[position];
        var read = tier.GetAsync(_list, found);
        if (!read.IsCompletedSuccessfully) read.AsTask().GetAwaiter().GetResult();
        return found.TryGet(0, out var envelope) && Envelope.Read(envelope.Span, out _) is EnvelopeFault.None;
    }
}

/// <summary>A write through the tier.</summary>
internal readonly struct DiskTierWrite(DiskTier tier, TierEntry[][] entries) : IProbe
{
    public int Length => entries.Length;

    public bool Do(int position, out object? value)
    {
        value = null;
        var write = tier.SetAsync(entries[position]);
        if (!write.IsCompletedSuccessfully) write.AsTask().GetAwaiter().GetResult();
        return true;
    }
}

/// <summary>What FASTER itself does for a read: its session, its own functions, the value copied out.</summary>
internal readonly struct RawFasterRead(ClientSession<SpanByte, SpanByte, SpanByte, SpanByteAndMemory, Empty, IFunctions<SpanByte, SpanByte, SpanByte, SpanByteAndMemory, Empty>> session, byte[][] keys) : IProbe
{
    public int Length => keys.Length;

    public unsafe bool Do(int position, out object? value)
    {
        value = null;
        byte* room = stackalloc byte[512];
        fixed (byte* pointer = keys[position])
        {
            var key = SpanByte.FromPointer(pointer, keys[position].Length);
            var output = new SpanByteAndMemory(SpanByte.FromPointer(room, 512));
            SpanByte input = default;
            var status = session.Read(ref key, ref input, ref output, Empty.Default, 0);
            if (status.IsPending)
            {
                session.CompletePendingWithOutputs(out var outputs, wait: true);
                bool isFound = outputs.Next() && outputs.Current.Status.Found;
                if (isFound) outputs.Current.Output.Memory?.Dispose();
                outputs.Dispose();
                return isFound;
            }

            output.Memory?.Dispose();
            return status.Found;
        }
    }
}

/// <summary>And for a write.</summary>
internal readonly struct RawFasterWrite(ClientSession<SpanByte, SpanByte, SpanByte, SpanByteAndMemory, Empty, IFunctions<SpanByte, SpanByte, SpanByte, SpanByteAndMemory, Empty>> session, byte[][] keys, byte[] written) : IProbe
{
    public int Length => keys.Length;

    public unsafe bool Do(int position, out object? value)
    {
        value = null;
        fixed (byte* pointer = keys[position], valuePointer = written)
        {
            var key = SpanByte.FromPointer(pointer, keys[position].Length);
            var desired = SpanByte.FromPointer(valuePointer, written.Length);
            session.Upsert(ref key, ref desired);
        }

        return true;
    }
}

/// <summary>What FASTER itself does for many reads at once.</summary>
internal sealed class RawFasterBatch(ClientSession<SpanByte, SpanByte, SpanByte, SpanByteAndMemory, Empty, IFunctions<SpanByte, SpanByte, SpanByte, SpanByteAndMemory, Empty>> session, TierKey[][] batches)
{
    internal unsafe void ReadAll()
    {
        foreach (var keys in batches)
        {
            foreach (var tierKey in keys)
            {
                var bytes = tierKey.Bytes.Span;
                fixed (byte* pointer = bytes)
                {
                    var key = SpanByte.FromPointer(pointer, bytes.Length);
                    SpanByte input = default;
                    SpanByteAndMemory output = default;
                    session.Read(ref key, ref input, ref output, Empty.Default, 0);
                    output.Memory?.Dispose();
                }
            }

            session.CompletePendingWithOutputs(out var outputs, wait: true);
            while (outputs.Next()) outputs.Current.Output.Memory?.Dispose();
            outputs.Dispose();
        }
    }
}
