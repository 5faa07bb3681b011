namespace Larder;

/// <summary>A write that was given up.</summary>
/// <param name="Write">The write.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Error">Why it failed the last time.</param>
public readonly record struct DeadLetter<TKey, TValue>(Write<TKey, TValue> Write, int Attempts, Exception Error);
