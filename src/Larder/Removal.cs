namespace Larder;

/// <summary>An entry that left, and why. <paramref name="WasAbsent"/> tells a remembered absence, whose value is the default, from a value.</summary>
/// <param name="Key">The entry's key.</param>
/// <param name="Value">The value that left.</param>
/// <param name="Cause">Why it left.</param>
/// <param name="WasAbsent">Whether the entry remembered that there is no such key.</param>
public readonly record struct Removal<TKey, TValue>(TKey Key, TValue? Value, RemovalCause Cause, bool WasAbsent);
