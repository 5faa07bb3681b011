namespace Larder;

/// <summary>What is not to be trusted any more: some keys, all that bear a tag, all that begin so, or everything of one cache.</summary>
public readonly record struct Invalidation
{
    private Invalidation(InvalidationKind kind, IReadOnlyList<TierKey> keys) => (Kind, Keys) = (kind, keys);

    /// <summary>What of it.</summary>
    public InvalidationKind Kind { get; }

    /// <summary>The keys, as tiers see them; for a tag and a prefix, that alone, as text; none for everything.</summary>
    public IReadOnlyList<TierKey> Keys { get; }

    /// <summary>Everything.</summary>
    public static Invalidation Everything { get; } = new(InvalidationKind.Everything, []);

    /// <summary>These keys.</summary>
    public static Invalidation Of(params IReadOnlyList<TierKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return new(InvalidationKind.Keys, keys);
    }

    /// <summary>All that bear the tag.</summary>
    public static Invalidation OfTag(string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return new(InvalidationKind.Tag, [new(tag)]);
    }

    /// <summary>All whose key, as tiers see it, begins so. Who hears it looks through its memory, which takes the longer the more it has.</summary>
    public static Invalidation OfPrefix(TierKey prefix) => new(InvalidationKind.Prefix, [prefix]);
}
