namespace Larder.Observability;

/// <summary>How long a timer can run: what an option may ask for that becomes one.</summary>
internal static class LongestWait
{
    internal const string Allowed = "above zero and at most 49 days";

    // The system's timers end at 2³²−2 milliseconds.
    private static readonly TimeSpan _longest = TimeSpan.FromDays(49);

    internal static bool IsAllowed(TimeSpan wait) => wait > TimeSpan.Zero && wait <= _longest;
}
