namespace Larder.Loading;

/// <summary>How a load ended.</summary>
internal enum LoadEnding
{
    /// <summary>With a value to keep.</summary>
    Value,

    /// <summary>With a value that is not to be kept.</summary>
    Unkept,

    /// <summary>There is no such key.</summary>
    Absent,

    /// <summary>The old value still holds.</summary>
    NotModified,

    /// <summary>The loader threw.</summary>
    Threw,

    /// <summary>Time was over before the loader returned.</summary>
    TimedOut,

    /// <summary>Nobody waited any more, or the cache was disposed.</summary>
    Cancelled,

    /// <summary>The loader was not asked: a breaker was open, or too many loaders had not returned.</summary>
    Refused,

    /// <summary>A tier had it; the loader was not asked.</summary>
    Found,

    /// <summary>No tier had it, and there is no loader.</summary>
    Nowhere,
}

/// <summary>What those who wait get.</summary>
internal enum Answer
{
    Loaded,
    Absence,
    Nothing,
    Old,
    Error,
}

/// <summary>What becomes of the entry.</summary>
internal enum Fate
{
    /// <summary>The new value replaces it.</summary>
    Store,

    /// <summary>What the tier had replaces it, for as long as is left of its life.</summary>
    StoreFound,

    /// <summary>It stays, with its life begun anew.</summary>
    Renew,

    /// <summary>An absence replaces it, if absences are remembered; else it leaves.</summary>
    StoreAbsence,

    /// <summary>It stays as old as it is.</summary>
    Leave,

    /// <summary>It leaves.</summary>
    Drop,
}

/// <param name="Answer">What those who wait get.</param>
/// <param name="Fate">What becomes of the entry.</param>
/// <param name="IsFailure">Whether the key is left alone for a while, and the failure told to the breaker.</param>
internal readonly record struct Decision(Answer Answer, Fate Fate, bool IsFailure = false);

/// <summary>
/// What follows from how a load ended and from what was there: the whole state machine of a key. The same table stands in
/// docs/concepts/loading.md, and a test holds the two together.
/// </summary>
internal static class LoadTable
{
    /// <param name="age">How old what may be answered in place of what is loaded is when the load ends. To a load that goes past memory, nothing is there.</param>
    /// <param name="ending">How the load ended.</param>
    /// <param name="usesFallback">Whether an expired value may be served.</param>
    /// <param name="dropsOnError">Whether a value whose refresh failed leaves.</param>
    internal static Decision Decide(EntryAge age, LoadEnding ending, bool usesFallback, bool dropsOnError)
    {
        bool isServed = age is EntryAge.Fresh or EntryAge.Stale;
        bool hasOld = isServed || (age == EntryAge.Expired && usesFallback);
        return ending switch
        {
            LoadEnding.Value => new(Answer.Loaded, Fate.Store),
            LoadEnding.Unkept => new(Answer.Loaded, Fate.Drop),
            LoadEnding.Absent => new(Answer.Absence, Fate.StoreAbsence),
            LoadEnding.NotModified when isServed || age == EntryAge.Expired => new(Answer.Loaded, Fate.Renew),
            LoadEnding.NotModified => new(Answer.Error, Fate.Leave, IsFailure: true),
            LoadEnding.Threw or LoadEnding.TimedOut => new(
                hasOld ? Answer.Old : Answer.Error, isServed && dropsOnError ? Fate.Drop : Fate.Leave, IsFailure: true),
            LoadEnding.Refused => new(hasOld ? Answer.Old : Answer.Error, Fate.Leave),
            LoadEnding.Cancelled => new(Answer.Error, Fate.Leave),
            LoadEnding.Found => new(Answer.Loaded, Fate.StoreFound),
            LoadEnding.Nowhere => new(hasOld ? Answer.Old : Answer.Nothing, Fate.Leave),
            _ => throw new ArgumentOutOfRangeException(nameof(ending), ending, "There is no such ending of a load."),
        };
    }
}
