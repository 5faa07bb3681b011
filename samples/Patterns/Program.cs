using Patterns;

// dotnet run --project samples/Patterns -- read-through | cache-aside | refresh-ahead | http
await (args is [var name]
    ? name switch
    {
        "read-through" => ReadThrough.Run(),
        "cache-aside" => CacheAside.Run(),
        "refresh-ahead" => RefreshAhead.Run(),
        "http" => HttpCaching.Run(),
        _ => throw new ArgumentException($"There is no pattern '{name}'; there are read-through, cache-aside, refresh-ahead and http."),
    }
    : throw new ArgumentException("Name one pattern: read-through, cache-aside, refresh-ahead or http."));
