using System.Diagnostics.CodeAnalysis;

namespace Larder;

/// <summary>How payloads are packed. Each envelope says its own, so that changing it leaves the older ones readable.</summary>
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "It is one byte of the envelope.")]
public enum PayloadCodec : byte
{
    /// <summary>As the serializer made them.</summary>
    None = 0,

    /// <summary>Brotli: smaller, slower to write.</summary>
    Brotli = 1,

    /// <summary>Deflate: faster to write.</summary>
    Deflate = 2,
}
