using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder;

/// <summary>Turns a payload of one schema version into one of the next, when it is read.</summary>
/// <param name="From">The version it takes; it makes <c>From + 1</c>.</param>
/// <param name="Convert">Reads the old payload, unpacked, and writes the new one. What it throws makes the entry a miss, counted.</param>
/// <example><code>
/// Migrations = [SchemaMigration.Of(1, PayloadSerializer.Json(Shop.Default.UserV1), PayloadSerializer.Json(Shop.Default.User), old =&gt; new User(old.Id, old.FullName))]
/// </code></example>
public sealed record SchemaMigration(int From, Action<ReadOnlySequence<byte>, IBufferWriter<byte>> Convert)
{
    /// <summary>A migration by a function over the values.</summary>
    public static SchemaMigration Of<TOld, TNew>(int from, IHybridCacheSerializer<TOld> old, IHybridCacheSerializer<TNew> next, Func<TOld, TNew> convert)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(next);
        ArgumentNullException.ThrowIfNull(convert);
        return new(from, (payload, target) => next.Serialize(convert(old.Deserialize(payload)), target));
    }
}
