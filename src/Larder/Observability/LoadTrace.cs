using System.Diagnostics;

namespace Larder.Observability;

/// <summary>What traces tell of one load: what caused it, and the activity that it is, which those who join it link to.</summary>
internal sealed class LoadTrace
{
    private bool _isShared;
    private Activity? _outer;

    private LoadTrace(Activity? cause) => Cause = cause;

    /// <summary>That of a load that is decided on here; null if nobody listens.</summary>
    internal static LoadTrace? Here() => Traces.AreHeard ? new(System.Diagnostics.Activity.Current) : null;

    internal Activity? Cause { get; }

    /// <summary>Written once, before the loader is asked; null before, and if nobody wants it.</summary>
    internal Activity? Activity { get; private set; }

    /// <summary>The loader is asked now, and runs within the load's activity. A refresh is an activity by itself, linked to the read that caused it.</summary>
    internal void Enter(string cache, bool isRefresh)
    {
        _outer = System.Diagnostics.Activity.Current;
        Activity = isRefresh ? Traces.BeginApart("larder.refresh", cache, 1, [Cause]) : Traces.Begin("larder.load", cache, 1);
    }

    /// <summary>The loader has been asked: what goes on here is again what did before.</summary>
    internal void Leave()
    {
        if (Activity is not null && System.Diagnostics.Activity.Current == Activity) System.Diagnostics.Activity.Current = _outer;
    }

    /// <summary>The load is one of several by one call, which ends the activity.</summary>
    internal void Share(Activity? activity)
    {
        (_isShared, Activity) = (true, activity);
    }

    /// <summary>The load has ended.</summary>
    internal void End(string status, Exception? error)
    {
        if (!_isShared && Activity is { } activity) Traces.End(activity, status, error);
    }
}
