namespace Larder.Memory;

/// <summary>A comparer with the user's hash in place of its own.</summary>
internal sealed class HashedComparer<TKey>(Func<TKey, ulong> hash, IEqualityComparer<TKey>? comparer) : IEqualityComparer<TKey>
{
    private readonly IEqualityComparer<TKey> _comparer = comparer ?? EqualityComparer<TKey>.Default;

    public bool Equals(TKey? x, TKey? y) => _comparer.Equals(x, y);

    public int GetHashCode(TKey obj)
    {
        ulong value = hash(obj);
        return (int)(value ^ (value >> 32));
    }
}
