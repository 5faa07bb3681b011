namespace Larder;

/// <summary>Why an entry left.</summary>
public enum RemovalCause
{
    /// <summary>The cache was full, or the entry outweighed it.</summary>
    Evicted,

    /// <summary>Its life had ended.</summary>
    Expired,

    /// <summary>Another value, or an absence, was written over it.</summary>
    Replaced,

    /// <summary>It was removed by its key.</summary>
    Removed,

    /// <summary>The cache was cleared or disposed.</summary>
    Cleared,

    /// <summary>It is not to be believed any more: another process has changed it, a tag of it was removed, it was invalidated, or written past memory.</summary>
    Invalidated,

    /// <summary>A refresh failed, and the cache was told to drop what it could not refresh.</summary>
    RefreshDropped,
}
