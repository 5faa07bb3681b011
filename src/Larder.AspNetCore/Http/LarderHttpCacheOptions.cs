namespace Larder;

/// <summary>How responses of HTTP servers are kept. What a server and a request say comes first; this is about what they leave open.</summary>
/// <example><code>
/// services.AddHttpClient("catalogue", http =&gt; http.BaseAddress = new("https://catalogue.example"))
///     .AddLarderHttpCache(new() { Capacity = 256 &lt;&lt; 20, StaleIfError = TimeSpan.FromHours(1) });
/// </code></example>
public sealed record LarderHttpCacheOptions
{
    /// <summary>What the cache is called in metrics, on the dashboard and in <c>Cache-Status</c>. Default: null, the name of the client, or "http".</summary>
    public string? Name { get; init; }

    /// <summary>How many bytes of responses are kept in memory: at least 1. Default: 64 MiB.</summary>
    public long Capacity { get; init; } = 64 << 20;

    /// <summary>How long a body may be to be kept, in bytes: 0 to <see cref="Capacity"/>, at most 1 GiB. A longer one goes through to its reader, and is not kept. Default: 1 MiB.</summary>
    public int MaxBody { get; init; } = 1 << 20;

    /// <summary>
    /// How long a response that says nothing of its freshness is fresh at most, which is otherwise a tenth of the time since it was last modified. Zero or more; zero: never. Default: 1 day.
    /// </summary>
    public TimeSpan HeuristicLimit { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long after its freshness a response is served while it is refreshed, if it does not say so itself: zero or more. Default: zero.</summary>
    public TimeSpan StaleWhileRevalidate { get; init; }

    /// <summary>How long after its freshness a response is served when the server answers 500, 502, 503 or 504, if it does not say so itself: zero or more. Default: zero.</summary>
    public TimeSpan StaleIfError { get; init; }

    /// <summary>
    /// How long after its freshness a response is kept: to be validated, and to be served while the server cannot be reached at all. Zero or more, up to 10 years. Default: 1 day.
    /// </summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Whose private cache a request belongs to; null for that of everybody. What is kept for one is never served to another. Default: by <c>Authorization</c> and <c>Cookie</c>.
    /// </summary>
    public Func<HttpRequestMessage, string?>? Partition { get; init; }

    /// <summary>Whether responses say in <c>Cache-Status</c> (RFC 9211) what the cache did. Default: false.</summary>
    public bool AddsCacheStatus { get; init; }

    /// <summary>Where responses are kept below memory. Default: nowhere.</summary>
    public IReadOnlyList<TierOptions> Tiers { get; init; } = [];

    /// <summary>Keeps servers that fail from being asked. Default: null, none.</summary>
    public CircuitBreaker? Breaker { get; init; }

    /// <summary>The clock. Default: null, that of the container, or the system's.</summary>
    public TimeProvider? TimeProvider { get; init; }

    internal IEnumerable<string> Faults()
    {
        if (Name is not null && string.IsNullOrWhiteSpace(Name)) yield return $"{nameof(Name)} is '{Name}'; it must name the cache, or be null.";
        if (Capacity < 1) yield return $"{nameof(Capacity)} is {Capacity}; it must be at least 1.";
        if (MaxBody < 0 || MaxBody > Math.Min(Capacity, 1 << 30)) yield return $"{nameof(MaxBody)} is {MaxBody}; it must be from 0 to {Math.Min(Capacity, 1 << 30)}.";
        if (HeuristicLimit < TimeSpan.Zero) yield return $"{nameof(HeuristicLimit)} is {HeuristicLimit}; it must be zero or more.";
        foreach (var (name, value) in new[] { (nameof(StaleWhileRevalidate), StaleWhileRevalidate), (nameof(StaleIfError), StaleIfError), (nameof(Retention), Retention) })
            if (value < TimeSpan.Zero || value > TimeSpan.FromDays(3653)) yield return $"{name} is {value}; it must be from zero to 10 years.";
        if (Tiers is null) yield return $"{nameof(Tiers)} is null; leave it out for the default.";
        for (int i = 0; i < Tiers?.Count; i++)
            foreach (string fault in Tiers[i]?.Faults($"{nameof(Tiers)}[{i}]") ?? [$"{nameof(Tiers)}[{i}] is null; leave it out."]) yield return fault;
    }

    internal void ThrowIfFaulty()
    {
        if (Faults().ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), "options");
    }
}
