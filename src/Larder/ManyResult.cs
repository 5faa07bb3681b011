namespace Larder;

/// <summary>What a read of many keys found, and what it did not.</summary>
/// <param name="Found">The values found, by key.</param>
/// <param name="Missing">The other keys, each once, in the order of the request. Keys known to be absent are among them.</param>
public sealed record ManyResult<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> Found, IReadOnlyList<TKey> Missing) where TKey : notnull;
