using Larder.Observability;

namespace Larder;

/// <summary>How a cache learns what other processes have changed, and what it does while it cannot.</summary>
/// <example><code>Coherence = new(new PubSubChannel(redis, "users"))</code></example>
public sealed record CoherenceOptions
{
    /// <summary>Listens to a channel, which is disposed with the cache.</summary>
    public CoherenceOptions(IInvalidationChannel channel) => Channel = channel;

    /// <summary>The channel.</summary>
    public IInvalidationChannel Channel { get; init; }

    /// <summary>
    /// For how long what this process has is still served when the link is lost: zero or more, up to a day. Then everything goes, from memory and from tiers that
    /// are this process's alone, and nothing is kept until the link is back. Default: zero.
    /// </summary>
    public TimeSpan KeptWithoutLink { get; init; }

    /// <summary>
    /// Whether what is served without a link counts as stale: served at once, and refreshed behind the reader's back, again and again while there is no link.
    /// Needs <see cref="KeptWithoutLink"/> above zero. Default: false.
    /// </summary>
    public bool StaleWithoutLink { get; init; }

    /// <summary>How many changes that could not be told wait for the link: at least 1. When more come, the others are told to forget everything. Default: 10,000.</summary>
    public int MaxUntold { get; init; } = 10_000;

    /// <summary>What lets one of several processes load a key while the others wait for what it brings; it needs a tier that they share. Default: each loads.</summary>
    public ILoadLeases? Leases { get; init; }

    /// <summary>For how long a process may load alone: above zero. If it dies, the others wait that long. Default: 10 seconds.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(10);

    internal IEnumerable<string> Faults(string name)
    {
        if (Channel is null) yield return $"{name}.{nameof(Channel)} is null; it must be a channel.";
        if (KeptWithoutLink < TimeSpan.Zero || KeptWithoutLink > TimeSpan.FromDays(1)) yield return $"{name}.{nameof(KeptWithoutLink)} is {KeptWithoutLink}; it must be from zero to a day.";
        if (StaleWithoutLink && KeptWithoutLink <= TimeSpan.Zero) yield return $"{name}.{nameof(StaleWithoutLink)} is {StaleWithoutLink}; it needs {nameof(KeptWithoutLink)} above zero.";
        if (!LongestWait.IsAllowed(LeaseDuration)) yield return $"{name}.{nameof(LeaseDuration)} is {LeaseDuration}; it must be {LongestWait.Allowed}.";
        if (MaxUntold < 1) yield return $"{name}.{nameof(MaxUntold)} is {MaxUntold}; it must be at least 1.";
    }
}
