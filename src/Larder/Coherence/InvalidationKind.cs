namespace Larder;

/// <summary>What an <see cref="Invalidation"/> is of.</summary>
public enum InvalidationKind
{
    /// <summary>Everything of the cache.</summary>
    Everything,

    /// <summary>Single keys.</summary>
    Keys,

    /// <summary>All that bear a tag.</summary>
    Tag,

    /// <summary>All whose key begins so.</summary>
    Prefix,
}
