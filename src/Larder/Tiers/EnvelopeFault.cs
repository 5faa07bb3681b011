namespace Larder.Tiers;

/// <summary>Why an envelope is not used. The reasons are counted apart.</summary>
internal enum EnvelopeFault
{
    None,

    /// <summary>Shorter than a header, or than its header says.</summary>
    Truncated,

    /// <summary>Longer than its header says.</summary>
    Overlong,

    /// <summary>Does not begin as an envelope does.</summary>
    NotAnEnvelope,

    /// <summary>Of a later format. Nothing is wrong with it: a newer version of Larder wrote it.</summary>
    UnknownFormat,

    /// <summary>The checksum is another.</summary>
    Corrupt,

    /// <summary>Intact, but with a flag, a codec, a time or a length that this format does not have.</summary>
    Malformed,

    /// <summary>Written by a cache of another name.</summary>
    OtherCache,

    /// <summary>Written under another schema version.</summary>
    OtherSchema,
}
