namespace Larder;

/// <summary>A change on its way to the source of truth.</summary>
/// <param name="Key">Of which key.</param>
/// <param name="Value">What it is to be; the default for a removal.</param>
/// <param name="IsRemoval">Whether the key is to be removed.</param>
public readonly record struct Write<TKey, TValue>(TKey Key, TValue? Value, bool IsRemoval = false)
{
    /// <summary>The tags of the value, for the cache that has it from here while it waits.</summary>
    internal TagSet Tags { get; init; }
}
