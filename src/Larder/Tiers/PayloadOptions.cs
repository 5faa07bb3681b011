using System.Buffers;
using Larder.Tiers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Larder;

/// <summary>How keys and values become what tiers keep.</summary>
/// <example><code>
/// new PayloadOptions&lt;string, User&gt; { Serializer = PayloadSerializer.Json(ShopJson.Default.User), SchemaVersion = 2 }
/// </code></example>
public sealed record PayloadOptions<TKey, TValue>
{
    private const int MostMigrations = 16;

    /// <summary>The bytes of the keys. Default: <see cref="KeyFormat.Default{TKey}"/>, for the types that have one and whose equality is their own.</summary>
    public KeyFormat<TKey>? KeyFormat { get; init; }

    /// <summary>The bytes of the values. Default: <see cref="PayloadSerializer.Raw{T}"/>, for the types that have one.</summary>
    public IHybridCacheSerializer<TValue>? Serializer { get; init; }

    /// <summary>Whether payloads are packed. Default: they are not.</summary>
    public CompressionOptions? Compression { get; init; }

    /// <summary>What changes payloads before they leave the process, and back; without it, entries that went through one are misses, and the other way round. Default: nothing.</summary>
    public IPayloadTransform? Transform { get; init; }

    /// <summary>The version of the values' shape: zero or more, counted up when it changes. Entries of another version are misses. Default: 0.</summary>
    public int SchemaVersion { get; init; }

    /// <summary>What makes entries of earlier versions readable: without a gap up to <see cref="SchemaVersion"/>, at most 16. Default: none.</summary>
    public IReadOnlyList<SchemaMigration> Migrations { get; init; } = [];

    /// <summary>How many bytes a key may have in a tier, the cache's name included: 64 to 65,535. Default: 1,024.</summary>
    public int MaxKeyLength { get; init; } = 1024;

    /// <summary>How many bytes a value may have, unpacked: at least 1. Default: 16 MiB.</summary>
    public int MaxLength { get; init; } = 16 << 20;

    /// <summary>Whether a key or a value that is too long is an <see cref="ArgumentException"/> for who writes it, or passes the tiers by and is counted. Default: passes by.</summary>
    public bool RefusesOversize { get; init; }

    internal KeyFormat<TKey> Keys => KeyFormat ?? TextKeys.Of<TKey>()!;

    internal IHybridCacheSerializer<TValue> Values => Serializer ?? RawPayloads.Of<TValue>()!;

    /// <summary>The value of a payload of so many versions ago.</summary>
    internal TValue Read(ReadOnlySequence<byte> payload, int versionsAgo)
    {
        if (versionsAgo == 0) return Values.Deserialize(payload);
        using PooledBuffer one = new(), other = new();
        var (from, to) = (one, other);
        foreach (var migration in Migrations.Skip(Migrations.Count - versionsAgo))
        {
            to.Clear();
            migration.Convert(payload, to);
            payload = new(to.Written);
            (from, to) = (to, from);
        }

        return Values.Deserialize(payload);
    }

    /// <summary>Writes a value as it is to be stored outside a tier: not packed, but transformed.</summary>
    internal void WriteStored(TValue value, ReadOnlySpan<byte> key, PooledBuffer target)
    {
        if (Transform is null)
        {
            Values.Serialize(value, target);
            return;
        }

        using var plain = new PooledBuffer();
        Values.Serialize(value, plain);
        Transform.Apply(plain.Written.Span, key, target);
    }

    /// <summary>Reads what <see cref="WriteStored"/> wrote so many versions ago.</summary>
    internal TValue ReadStored(ReadOnlyMemory<byte> stored, ReadOnlySpan<byte> key, int versionsAgo)
    {
        if (Transform is null) return Read(new(stored), versionsAgo);
        using var plain = new PooledBuffer();
        Transform.Undo(stored.Span, key, plain);
        return Read(new(plain.Written), versionsAgo);
    }

    internal IEnumerable<string> Faults(string name, IEqualityComparer<TKey>? comparer)
    {
        if (KeyFormat is null && TextKeys.Of<TKey>() is null) yield return $"{name}.{nameof(KeyFormat)} is null; {typeof(TKey)} has no format of its own, so it must be given, with {nameof(Larder.KeyFormat)}.{nameof(Larder.KeyFormat.Of)} for one.";
        else if (KeyFormat is null && comparer is not null && !Equals(comparer, EqualityComparer<TKey>.Default) && !Equals(comparer, StringComparer.Ordinal))
            yield return $"{name}.{nameof(KeyFormat)} is null; with a comparer of your own it must be given, and give keys that the comparer calls equal the same bytes.";
        if (KeyFormat is not null && !(KeyFormat.Tag is { Length: > 0 and <= 32 } tag && tag.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')))
            yield return $"{name}.{nameof(KeyFormat)}.{nameof(KeyFormat.Tag)} is '{KeyFormat.Tag}'; it must be 1 to 32 letters, digits and hyphens.";
        if (Serializer is null && RawPayloads.Of<TValue>() is null) yield return $"{name}.{nameof(Serializer)} is null; {typeof(TValue)} has no raw form, so it must be given, with {nameof(PayloadSerializer)}.{nameof(PayloadSerializer.Json)} for one.";
        foreach (var fault in Compression?.Faults($"{name}.{nameof(Compression)}") ?? []) yield return fault;
        if (SchemaVersion < 0) yield return $"{name}.{nameof(SchemaVersion)} is {SchemaVersion}; it must be zero or more.";
        if (Migrations is null || Migrations.Count > MostMigrations || !Migrations.Select(static m => m?.From ?? -1).SequenceEqual(Enumerable.Range(SchemaVersion - Migrations.Count, Migrations.Count)) || (Migrations.Count > 0 && Migrations[0].From < 0))
            yield return $"{name}.{nameof(Migrations)} is from [{string.Join(", ", Migrations?.Select(static m => m?.From) ?? [])}]; it must be at most {MostMigrations}, in order, each from the version before the next, the last from {SchemaVersion - 1}.";
        if (MaxKeyLength is < 64 or > ushort.MaxValue) yield return $"{name}.{nameof(MaxKeyLength)} is {MaxKeyLength}; it must be from 64 to {ushort.MaxValue}.";
        if (MaxLength < 1) yield return $"{name}.{nameof(MaxLength)} is {MaxLength}; it must be at least 1.";
    }
}
