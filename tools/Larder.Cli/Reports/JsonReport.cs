using System.Text.Encodings.Web;
using System.Text.Json;
using Larder.Cli.Replay;

namespace Larder.Cli.Reports;

/// <summary>Replays for programs: one JSON array. <c>hitRatio</c> is between 0 and 1.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // file names stay readable; this is not HTML
    };

    private sealed record Row(string Trace, string Policy, long Capacity, long Requests, long Hits, double HitRatio, long RequestsPerSecond);

    public static void Write(TextWriter output, IEnumerable<ReplayResult> results) =>
        WriteObject(output, results.Select(r =>
            new Row(r.Trace, r.Policy, r.Capacity, r.Requests, r.Hits, r.HitRatio, (long)r.RequestsPerSecond)));

    public static void WriteObject(TextWriter output, object value) =>
        output.WriteLine(JsonSerializer.Serialize(value, _options));
}
