namespace Larder;

/// <summary>
/// Decides which entry leaves a full cache. Called by one thread at a time: a policy needs no lock of its own, and must
/// not block, throw or call the cache. Where it throws, or evicts what it does not hold, the cache evicts another entry.
/// </summary>
/// <remarks>
/// The cache enforces the capacity: it asks <see cref="Evict"/> until what it holds fits. A policy that keeps segments
/// takes their shares of the capacity it was created with, or last told by <see cref="Resize"/>.
/// </remarks>
/// <example>
/// First in, first out, whole:
/// <code>
/// sealed class MyFifo : IEvictionPolicy
/// {
///     private readonly EntryList _entries = new();
///     public int UsesWanted => 0;
///     public void OnAdd(EvictionNode node) => _entries.AddNewest(node);
///     public void OnTouch(EvictionNode node) { }
///     public void OnReplace(EvictionNode node, EvictionNode by) => _entries.Replace(node, by);
///     public void OnRemove(EvictionNode node) => _entries.Remove(node);
///     public EvictionNode Evict() { var oldest = _entries.Oldest!; _entries.Remove(oldest); return oldest; }
///     public void Resize(long capacity) { }
/// }
/// var cache = new Cache&lt;string, int&gt;(new() { Policy = EvictionPolicy.Custom("mine", capacity => new MyFifo()) });
/// </code>
/// </example>
public interface IEvictionPolicy
{
    /// <summary>How many uses of an entry a reader counts before it stops (0 to 124): 1 for a bit, 0 for a policy that ignores uses.</summary>
    int UsesWanted { get; }

    /// <summary>A new entry has come in. Its key was not held.</summary>
    void OnAdd(EvictionNode node);

    /// <summary>An entry with <see cref="EvictionNode.RecordsUses"/> was read or written over.</summary>
    void OnTouch(EvictionNode node);

    /// <summary>
    /// <paramref name="by"/> takes the place of <paramref name="node"/>: same key, perhaps another weight. It keeps the
    /// place, segment, count and mark of the old one, which the policy forgets.
    /// </summary>
    void OnReplace(EvictionNode node, EvictionNode by);

    /// <summary>An entry has left for another reason than eviction.</summary>
    void OnRemove(EvictionNode node);

    /// <summary>Picks the entry that leaves, and forgets it. Called only while the policy holds one.</summary>
    EvictionNode Evict();

    /// <summary>The capacity has changed. Entries in excess leave through <see cref="Evict"/> afterwards.</summary>
    void Resize(long capacity);
}
