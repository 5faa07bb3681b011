using System.IO.Compression;

namespace Larder.Cli.Traces;

/// <summary>Opens a trace: unpacks gzip, which shows by its first bytes, and picks the reader for the format.</summary>
internal static class TraceFile
{
    public const string Formats = "u64, text";

    /// <summary>Reads a whole trace. <paramref name="format"/> null takes it from the name: <c>.u64</c> and <c>.bin</c> are u64, all else is text.</summary>
    public static Trace Read(string path, string? format, CancellationToken stop)
    {
        RequireFile(path);
        try
        {
            using var file = OpenSeekable(path);
            using Stream stream = IsGzip(file) ? new GZipStream(file, CompressionMode.Decompress) : file;
            string name = NameOf(path);
            var trace = (format ?? FormatOf(path)) == "u64"
                ? U64Trace.Read(stream, path, name, stop)
                : TextTrace.Read(stream, path, name, stop);
            return trace.Requests.Length > 0
                ? trace
                : throw new UserError($"trace '{path}' is empty: at least one request is needed.");
        }
        catch (InvalidDataException)
        {
            throw new UserError($"trace '{path}' is damaged: its gzip data does not unpack to the end.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UserError($"trace '{path}' cannot be read: {e.Message}");
        }
    }

    /// <summary>Refuses what is not there, so that the last of many traces does not fail after the first was replayed.</summary>
    public static void RequireFile(string path)
    {
        if (Directory.Exists(path)) throw new UserError($"trace '{path}' is a folder: a file is needed.");
        if (path.StartsWith('-') && !File.Exists(path)) throw new UserError($"option '{path}' is not known: 'larder --help' lists what is allowed.");
        if (!File.Exists(path)) throw new UserError($"trace '{path}' does not exist.");
    }

    public static string? ParseFormat(string? format) => format is null or "u64" or "text"
        ? format
        : throw new UserError($"--format '{format}' is not known: {Formats} are, each also packed by gzip.");

    /// <summary>The file's name without <c>.gz</c>, then without <c>.u64</c>.</summary>
    public static string NameOf(string path) => Without(Without(Path.GetFileName(path), ".gz"), ".u64");

    private static string FormatOf(string path)
    {
        string plain = Without(path, ".gz");
        return plain.EndsWith(".u64", StringComparison.OrdinalIgnoreCase) || plain.EndsWith(".bin", StringComparison.OrdinalIgnoreCase)
            ? "u64"
            : "text";
    }

    private static string Without(string name, string extension) =>
        name.Length > extension.Length && name.EndsWith(extension, StringComparison.OrdinalIgnoreCase) ? name[..^extension.Length] : name;

    private static bool IsGzip(Stream file)
    {
        Span<byte> magic = stackalloc byte[2];
        int read = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 2 && magic is [0x1f, 0x8b];
    }

    // A pipe (`<(zcat …)`) cannot be read twice.
    private static Stream OpenSeekable(string path)
    {
        var file = File.OpenRead(path);
        if (file.CanSeek) return file;
        using (file)
        {
            var copy = new MemoryStream();
            file.CopyTo(copy);
            copy.Position = 0;
            return copy;
        }
    }
}
