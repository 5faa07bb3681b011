using System.Diagnostics;

namespace Larder.Observability;

/// <summary>
/// Begins and ends activities, for whoever listens; a listener that throws is not heard. While nobody listens, nothing is made. Keys, values and messages of exceptions are not in them.
/// </summary>
internal static class Traces
{
    // A read of many keys may join as many loads, and a batch serve as many readers: the first of them are named.
    private const int MostLinks = 32;

    private static readonly ActivitySource _source = new(new ActivitySourceOptions("Larder"));

    internal static bool AreHeard => _source.HasListeners();

    /// <summary>What is going on here, to be named later as the cause of what comes of it; null if nobody will hear of it.</summary>
    internal static Activity? Cause => AreHeard ? Activity.Current : null;

    /// <summary>Begins an activity within the one going on here, and becomes it; linked to what else caused it.</summary>
    internal static Activity? Begin(string name, string cache, int keys, IEnumerable<Activity?>? causes = null) => AreHeard ? Start(name, cache, keys, causes ?? []) : null;

    /// <summary>Begins an activity within none, for it may outlast its causes, which it is linked to.</summary>
    internal static Activity? BeginApart(string name, string cache, int keys, IEnumerable<Activity?> causes)
    {
        if (!AreHeard) return null;
        var before = Activity.Current;
        Activity.Current = null;
        var begun = Start(name, cache, keys, causes);
        if (begun is null) Activity.Current = before;
        return begun;
    }

    /// <summary>Ends it, unless it has ended, and leaves what is going on here as it is.</summary>
    internal static void End(Activity activity, string status, Exception? error)
    {
        if (activity.IsStopped) return;
        activity.SetTag("larder.status", status);
        if (error is not null) activity.SetTag("error.type", error.GetType().FullName).SetStatus(ActivityStatusCode.Error);
        var here = Activity.Current;
        try
        {
            activity.Stop();
        }
        catch (Exception)
        {
            // The listener's own affair.
        }

        if (here != activity) Activity.Current = here;
    }

    /// <summary>What is going on here has waited for the other.</summary>
    internal static void LinkHere(Activity? other)
    {
        if (other is null || Activity.Current is not { } here || here == other || here.Links.Skip(MostLinks - 1).Any()) return;
        here.AddLink(new ActivityLink(other.Context));
    }

    private static Activity? Start(string name, string cache, int keys, IEnumerable<Activity?> causes)
    {
        try
        {
            var within = Activity.Current;
            ActivityLink[] links = [.. causes.OfType<Activity>().Where(cause => cause != within).Distinct().Take(MostLinks).Select(static cause => new ActivityLink(cause.Context))];
            return _source.StartActivity(ActivityKind.Internal, tags: [new("larder.cache", cache), new("larder.keys", keys)], links: links, name: name);
        }
        catch (Exception)
        {
            // The listener's own affair.
            return null;
        }
    }
}
