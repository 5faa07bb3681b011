using System.Diagnostics.CodeAnalysis;

namespace Larder;

/// <summary>What one call of a <see cref="LoadingCache{TKey, TValue}"/> goes past.</summary>
/// <remarks>What waits to be written to the source is never gone past: it is newer than all of these.</remarks>
/// <example><code>
/// var stock = await products.ReadAsync(id, Skip.MemoryRead, cancel);                          // what the tiers have, or the source
/// await foreach (var page in pages) await cache.ReadManyAsync(page, Skip.MemoryWrite, cancel);     // a report that is not to sweep memory out
/// await sessions.SetAsync(id, session, Skip.Tiers | Skip.Others);                             // in this process alone
/// </code></example>
[Flags]
[SuppressMessage("Naming", "CA1714:Flags enums should have plural names", Justification = "Read as a verb: Skip.Tiers | Skip.Others.")]
public enum Skip
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A read does not look at what memory has, nor fall back on it. Its loader is not told of it.</summary>
    MemoryRead = 1,

    /// <summary>What a read brings is not put into memory. What is written is not either, and what memory has of the key leaves; a removal leaves it there.</summary>
    MemoryWrite = 2,

    /// <summary>Both.</summary>
    Memory = MemoryRead | MemoryWrite,

    /// <summary>A read does not look at what the tiers have.</summary>
    TierRead = 4,

    /// <summary>The tiers are not told what a read brings, nor of a write or a removal: what they have of the key stays, and may be older.</summary>
    TierWrite = 8,

    /// <summary>Both.</summary>
    Tiers = TierRead | TierWrite,

    /// <summary>A read does not ask the loaders: what neither memory nor a tier has is a miss.</summary>
    Loaders = 16,

    /// <summary>Other processes are not told of a write or a removal. A tier that all of them watch tells them nevertheless.</summary>
    Others = 32,
}
