namespace Larder;

/// <summary>What a read met.</summary>
public enum ReadStatus
{
    /// <summary>Nothing is known of the key.</summary>
    Miss,

    /// <summary>A fresh value.</summary>
    Hit,

    /// <summary>A value past its freshness, which is being refreshed.</summary>
    Stale,

    /// <summary>A value that is kept only as a fallback.</summary>
    Expired,

    /// <summary>A fallback, served because the source could not be asked.</summary>
    Fallback,

    /// <summary>The key is known not to exist.</summary>
    Absent,
}
