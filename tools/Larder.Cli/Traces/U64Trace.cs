using System.Buffers.Binary;

namespace Larder.Cli.Traces;

/// <summary>Little-endian unsigned 64-bit keys, one per request, and nothing else.</summary>
internal static class U64Trace
{
    private const int RecordBytes = sizeof(ulong);
    private const int BufferBytes = RecordBytes << 13;

    public static Trace Read(Stream stream, string path, string name, CancellationToken stop)
    {
        var trace = new TraceBuilder<ulong>(key => key);
        byte[] buffer = new byte[BufferBytes];
        int filled;
        do
        {
            stop.ThrowIfCancellationRequested();
            filled = stream.ReadAtLeast(buffer, BufferBytes, throwOnEndOfStream: false);
            if (filled % RecordBytes != 0)
            {
                long bytes = ((long)trace.Requests * RecordBytes) + filled;
                throw new UserError($"trace '{path}' ends inside a record: {bytes:N0} bytes, and a u64 trace is a multiple of {RecordBytes}. Is it --format text?");
            }

            for (int at = 0; at < filled; at += RecordBytes)
                trace.Add(BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(at)));
        }
        while (filled == BufferBytes);

        return trace.Build(name);
    }
}
