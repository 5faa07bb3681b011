using Larder.Memory;

namespace Larder.Loading;

/// <summary>How one load ended, with what it brought.</summary>
internal readonly record struct LoadOutcome<TValue>(LoadEnding Ending, Loaded<TValue> Loaded, Exception? Error)
{
    internal static LoadOutcome<TValue> Of(in Loaded<TValue> loaded) => loaded.Kind switch
    {
        LoadedKind.Value => new(loaded.IsKept ? LoadEnding.Value : LoadEnding.Unkept, loaded, null),
        LoadedKind.NotModified => new(LoadEnding.NotModified, loaded, new InvalidOperationException("A loader answered \"not modified\" for a key of which the cache had no value.")),
        _ => new(LoadEnding.Absent, loaded, null),
    };

    internal static LoadOutcome<TValue> Failed(Exception error) => new(LoadEnding.Threw, default, error);
}

/// <summary>What those who waited for a load get.</summary>
/// <param name="Answer">Which of the following.</param>
/// <param name="Entry">The new value or the old one.</param>
/// <param name="Error">Why there is none, or only the old one.</param>
internal readonly record struct Verdict<TKey, TValue>(Answer Answer, Entry<TKey, Kept<TValue>>? Entry, Exception? Error) where TKey : notnull;
