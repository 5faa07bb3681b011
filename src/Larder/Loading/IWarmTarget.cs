namespace Larder.Loading;

/// <summary>What a warm-up may do to a cache: write what is not older than what is there, and load.</summary>
internal interface IWarmTarget<TKey, TValue> where TKey : notnull
{
    /// <summary>When keys are equal.</summary>
    IEqualityComparer<TKey> Comparer { get; }

    /// <summary>The number of the latest write: what is put as of it gives way to every later write or removal.</summary>
    long Version { get; }

    /// <summary>Writes the value unless the key was written or removed after that version. Returns whether it did.</summary>
    bool Offer(TKey key, TValue value, Lifetime? lifetime, long asOf);

    /// <summary>As <see cref="Offer"/>, that the key does not exist.</summary>
    bool OfferAbsence(TKey key, Lifetime? lifetime, long asOf);

    /// <summary>Loads those keys that would not stay fresh for so long. Returns how many are in the cache now and how many failed.</summary>
    ValueTask<(int Warmed, int Failed)> LoadAsync(IReadOnlyCollection<TKey> keys, TimeSpan freshFor, CancellationToken cancellationToken);
}
