using System.IO.Compression;

namespace Larder;

/// <summary>Whether and how payloads are packed on their way to tiers. Each envelope says how it was packed, so all of this can change at any time.</summary>
/// <example><code>
/// var compression = new CompressionOptions { Codec = PayloadCodec.Brotli, Threshold = 4096 };
/// </code></example>
public sealed record CompressionOptions
{
    /// <summary>With what. Default: Brotli.</summary>
    public PayloadCodec Codec { get; init; } = PayloadCodec.Brotli;

    /// <summary>How hard it tries. Default: the fastest.</summary>
    public CompressionLevel Level { get; init; } = CompressionLevel.Fastest;

    /// <summary>Payloads below this many bytes are left as they are, and so is one that packing would not make shorter. Zero or more; default: 1,024.</summary>
    public int Threshold { get; init; } = 1024;

    internal IEnumerable<string> Faults(string name)
    {
        if (!Enum.IsDefined(Codec)) yield return $"{name}.{nameof(Codec)} is {(byte)Codec}; it must be {nameof(PayloadCodec.None)}, {nameof(PayloadCodec.Brotli)} or {nameof(PayloadCodec.Deflate)}.";
        if (!Enum.IsDefined(Level)) yield return $"{name}.{nameof(Level)} is {(int)Level}; it must be one of the levels of {nameof(CompressionLevel)}.";
        if (Threshold < 0) yield return $"{name}.{nameof(Threshold)} is {Threshold}; it must be zero or more.";
    }
}
