using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Larder.Cli.Tests.Support;

/// <summary>A folder for one test, gone after it.</summary>
public abstract class TempFolder : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("larder-cli-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string At(string name) => Path.Combine(Folder, name);

    protected string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(At(name), bytes);
        return At(name);
    }

    protected string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    protected string WriteU64(string name, params IEnumerable<ulong> keys) => Write(name, U64(keys));

    protected static byte[] U64(IEnumerable<ulong> keys)
    {
        var bytes = new MemoryStream();
        Span<byte> record = stackalloc byte[8];
        foreach (ulong key in keys)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(record, key);
            bytes.Write(record);
        }

        return bytes.ToArray();
    }

    protected static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize)) gzip.Write(bytes);
        return packed.ToArray();
    }
}
