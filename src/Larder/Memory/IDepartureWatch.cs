namespace Larder.Memory;

/// <summary>Who is told of what leaves a cache.</summary>
internal interface IDepartureWatch<TKey, TValue>
{
    /// <summary>An entry left, or was written over. Called under a shard's lock.</summary>
    void Add(in Removal<TKey, TValue> removal);

    /// <summary>A value that outweighs the cache was not taken in. Called under a shard's lock.</summary>
    void Refuse(TValue value) { }

    /// <summary>The cache has reclaimed what had expired, and holds no lock.</summary>
    void Trimmed() { }
}
