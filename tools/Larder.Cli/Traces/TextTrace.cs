using System.Text;

namespace Larder.Cli.Traces;

/// <summary>One key per line, any UTF-8 string. Empty lines are not requests.</summary>
internal static class TextTrace
{
    private const int LinesBetweenStops = 1 << 16;

    public static Trace Read(Stream stream, string path, string name, CancellationToken stop)
    {
        // A replacement character would make one key of many: refuse what is not text.
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
        var trace = new TraceBuilder<string>(KeyHash.Bits);
        try
        {
            while (reader.ReadLine() is { } line)
            {
                if (line.Length == 0) continue;
                trace.Add(line);
                if (trace.Requests % LinesBetweenStops == 0) stop.ThrowIfCancellationRequested();
            }
        }
        catch (DecoderFallbackException)
        {
            throw new UserError($"trace '{path}' is not UTF-8 text after {trace.Requests:N0} keys. Is it --format u64?");
        }

        return trace.Build(name);
    }
}
