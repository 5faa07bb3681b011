using Patterns;

// dotnet run --project samples/Patterns -- read-through | cache-aside | refresh-ahead
await (args is [var name]
    ? name switch
    {
        "read-through" => ReadThrough.Run(),
        "cache-aside" => CacheAside.Run(),
        "refresh-ahead" => RefreshAhead.Run(),
        _ => throw new ArgumentException($"There is no pattern '{name}'; there are read-through, cache-aside and refresh-ahead."),
    }
    : throw new ArgumentException("Name one pattern: read-through, cache-aside or refresh-ahead."));
