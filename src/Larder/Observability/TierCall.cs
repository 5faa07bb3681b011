using System.Diagnostics;

namespace Larder.Observability;

/// <summary>One call of a tier, as those hear of it who listen to the histogram or to the traces.</summary>
internal readonly struct TierCall
{
    private readonly string _cache;
    private readonly string _tier;
    private readonly string _operation;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly Activity? _activity;

    private TierCall(string cache, string tier, string operation, TimeProvider time, Activity? activity)
    {
        (_cache, _tier, _operation, _time, _activity) = (cache, tier, operation, time, activity?.SetTag("larder.tier", tier));
        _began = time.GetTimestamp();
    }

    /// <summary>A read of a tier, within what is going on here.</summary>
    internal static TierCall Get(string cache, string tier, int keys, TimeProvider time) => new(cache, tier, "get", time, Traces.Begin("larder.tier.get", cache, keys));

    /// <summary>A change of a tier, in the background.</summary>
    internal static TierCall Change(string cache, string tier, string operation, int keys, IEnumerable<Activity?> causes, TimeProvider time) =>
        new(cache, tier, operation, time, Traces.AreHeard ? Traces.BeginApart($"larder.tier.{operation}", cache, keys, causes) : null);

    /// <summary>It has ended. Returns how long it took.</summary>
    internal TimeSpan End(Exception? error)
    {
        var took = _time.GetElapsedTime(_began);
        Durations.AddTierCall(_cache, _tier, _operation, took);
        if (_activity is not null) Traces.End(_activity, error is null ? "success" : "failure", error);
        return took;
    }
}
