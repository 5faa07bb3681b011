namespace Larder;

/// <summary>A cache as those see it who look after it, whatever its types: what it does, what it has of a key, and the few things one does to it by hand.</summary>
/// <remarks>Keys come as text. Nothing of it counts as a read or as a use of an entry.</remarks>
/// <example><code>
/// ICacheView view = CacheView.Of(users);
/// var found = await view.LookUpAsync("42");
/// if (found.Status == ReadStatus.Stale) await view.RefreshAsync("42");
/// </code></example>
public interface ICacheView
{
    /// <summary>The cache's name, by which people and metrics know it.</summary>
    string Name { get; }

    /// <summary>The type of the keys, as one writes it.</summary>
    string KeyType { get; }

    /// <summary>The type of the values, as one writes it.</summary>
    string ValueType { get; }

    /// <summary>What the cache has done so far. A cache that does not load has zeros where loads alone would count.</summary>
    LoadingStatistics Statistics { get; }

    /// <summary>How many entries it holds, of whatever age, remembered absences and those whose time is over and that have not been reclaimed yet among them.</summary>
    long Count { get; }

    /// <summary>What the cache may hold.</summary>
    long Capacity { get; }

    /// <summary>What it holds, in the units of the capacity.</summary>
    long Weight { get; }

    /// <summary>Loads under way.</summary>
    int LoadsInFlight { get; }

    /// <summary>What guards the source; null if nothing does.</summary>
    CircuitBreaker? Breaker { get; }

    /// <summary>What each tier below memory has done, the uppermost first.</summary>
    IReadOnlyList<TierStatistics> Tiers { get; }

    /// <summary>How it goes with the link to other processes; null without one.</summary>
    CoherenceStatistics? Coherence { get; }

    /// <summary>How it goes with the writes to the source; null if the cache writes to none.</summary>
    WritingStatistics? Writing { get; }

    /// <summary>What another capacity or policy would do; null if the cache does not find out.</summary>
    CacheAdvice? Advice => null;

    /// <summary>Whether there is a way to read its keys from text. If not, what takes a key throws.</summary>
    bool ReadsKeys { get; }

    /// <summary>Whether it can load a key by itself.</summary>
    bool CanRefresh { get; }

    /// <summary>Counts the entries by their age. Goes through all that is in memory, without a lock; what comes and goes meanwhile may or may not be counted.</summary>
    AgeCounts CountAges();

    /// <summary>What memory has of the key.</summary>
    /// <param name="key">The key as text.</param>
    /// <param name="withValue">Whether the value is wanted too.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="FormatException">The text is no key of this cache.</exception>
    ValueTask<KeyFinding> LookUpAsync(string key, bool withValue = false, CancellationToken cancellationToken = default);

    /// <summary>Removes the key from the cache, its tiers and the caches it keeps in step with; a source it writes to stays as it is. Returns whether there was a value to serve.</summary>
    /// <exception cref="FormatException">The text is no key of this cache.</exception>
    ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Loads the key anew, and tells what the cache then has of it. Throws what the load throws when there is no old value either.</summary>
    /// <exception cref="FormatException">The text is no key of this cache.</exception>
    /// <exception cref="NotSupportedException">The cache cannot load by itself.</exception>
    ValueTask<KeyFinding> RefreshAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Forgets everything.</summary>
    ValueTask ClearAsync(CancellationToken cancellationToken = default);
}
