namespace Larder.Advising;

/// <summary>What happened to a key of the sample.</summary>
internal enum KeyEvent : byte
{
    /// <summary>Nothing: an empty place.</summary>
    None,

    /// <summary>It was read and found. A cache that did not have it would have brought it in.</summary>
    Hit,

    /// <summary>It was read and not found. If it is brought in, <see cref="Added"/> follows.</summary>
    Miss,

    /// <summary>It was read when its time was over: no cache would have served it.</summary>
    Lapsed,

    /// <summary>It was brought in.</summary>
    Added,

    /// <summary>It was written over, or used by what is not counted as a read.</summary>
    Written,

    /// <summary>It was taken out, as it would have been of any cache.</summary>
    Removed,
}

/// <summary>What follows from each event for a simulated cache.</summary>
internal static class KeyEvents
{
    extension(KeyEvent what)
    {
        /// <summary>Whether it is a read.</summary>
        internal bool IsRead => what is KeyEvent.Hit or KeyEvent.Miss or KeyEvent.Lapsed;

        /// <summary>Whether a cache that holds the key sees a use of it.</summary>
        internal bool Uses => what is KeyEvent.Hit or KeyEvent.Miss or KeyEvent.Written;

        /// <summary>Whether a cache that does not hold the key gets it.</summary>
        internal bool Brings => what is KeyEvent.Hit or KeyEvent.Added or KeyEvent.Written;

        /// <summary>Whether the key leaves every cache.</summary>
        internal bool Takes => what is KeyEvent.Lapsed or KeyEvent.Removed;
    }
}
