namespace Larder.Memory;

/// <summary>A write on its way into a shard: everything that users' functions decide, decided before the lock is taken.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; the default for an absence.</param>
/// <param name="Hash">The key's spread hash.</param>
/// <param name="IsAbsent">Whether this remembers that there is no such key.</param>
/// <param name="Weight">What it takes of the capacity.</param>
/// <param name="Deadline">When it ends, unless it is used.</param>
/// <param name="HardDeadline">When it ends however it is used.</param>
/// <param name="Idle">How long it lives after a use; zero when uses do not count.</param>
internal readonly record struct NewEntry<TKey, TValue>(
    TKey Key, TValue Value, int Hash, bool IsAbsent, long Weight, long Deadline, long HardDeadline, long Idle)
{
    /// <summary>A value that weighs 1 and lives until the deadline, used or not.</summary>
    internal static NewEntry<TKey, TValue> Plain(TKey key, TValue value, int hash, long deadline) => new(key, value, hash, IsAbsent: false, 1, deadline, deadline, 0);

    /// <summary>Whether it needs more than a plain entry has, or is to be an entry of its own.</summary>
    internal bool IsRich => Weight != 1 || Idle != 0 || Made is not null;

    /// <summary>The entry, for a writer that wants to know it. It never takes the place of another by giving it its value.</summary>
    internal Entry<TKey, TValue>? Made { get; init; }

    internal Entry<TKey, TValue> ToEntry()
    {
        if (Made is { } made) return made;
        var entry = IsRich
            ? new RichEntry<TKey, TValue>(Key, Value, Hash, Weight, Idle, HardDeadline)
            : new Entry<TKey, TValue>(Key, Value, Hash);
        entry.Deadline = IsAbsent ? ~Deadline : Deadline;
        return entry;
    }
}
