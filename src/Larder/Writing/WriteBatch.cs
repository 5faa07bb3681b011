namespace Larder;

/// <summary>Writes that a writer is asked for together, each of another key.</summary>
/// <remarks>Safe for threads while the writer runs.</remarks>
public sealed class WriteBatch<TKey, TValue> where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Exception> _failed; // Guarded by _gate.

    internal WriteBatch(IReadOnlyList<Write<TKey, TValue>> writes, IEqualityComparer<TKey>? comparer) => (Writes, _failed) = (writes, new(comparer));

    /// <summary>The writes, the longest waiting first.</summary>
    public IReadOnlyList<Write<TKey, TValue>> Writes { get; }

    /// <summary>The write of this key has failed; the others have not, if the writer returns.</summary>
    public void Fail(TKey key, Exception error)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(error);
        lock (_gate) _failed[key] = error;
    }

    internal Exception? ErrorOf(TKey key)
    {
        lock (_gate) return _failed.GetValueOrDefault(key);
    }
}
