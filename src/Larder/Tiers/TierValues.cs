using Larder.Observability;
using Microsoft.Extensions.Logging;

namespace Larder.Tiers;

/// <summary>Values into envelopes and back, for one cache.</summary>
internal sealed class TierValues<TKey, TValue>(string cacheName, PayloadOptions<TKey, TValue> options, TimeProvider time, ILogger? logger)
{
    private readonly ulong _cacheName = EnvelopeHeader.HashOf(cacheName);

    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Writes a value, or an absence, as an envelope. Returns false if it is too long; throws what the serializer throws.</summary>
    internal bool TryPack(TierKey name, bool isAbsent, TValue? value, TagSet tags, in TierLife life, EnvelopeBuffer buffer, out ReadOnlyMemory<byte> envelope)
    {
        envelope = default;
        buffer.Clear();
        var header = life.HeaderAt(Now, _cacheName, options.SchemaVersion);
        if (isAbsent) header = header with { Flags = EnvelopeFlags.Absent };
        else if (value is null) header = header with { Flags = EnvelopeFlags.NullValue };
        else options.Values.Serialize(value, buffer);
        if (buffer.Length > options.MaxLength) return false;
        envelope = buffer.Seal(header, options.Compression, options.Transform, name, tags);
        return true;
    }

    /// <summary>Gives an envelope another life.</summary>
    internal void Reseal(Span<byte> envelope, in TierLife life)
    {
        _ = Envelope.Read(envelope, out var old);
        var header = life.HeaderAt(Now, _cacheName, options.SchemaVersion);
        Envelope.Seal(envelope, header with { Flags = old.Flags, Codec = old.Codec, UnpackedLength = old.UnpackedLength, IsTagged = old.IsTagged });
    }

    /// <summary>Reads what a tier had under a key's name of so many versions ago; null if it is of no use.</summary>
    /// <param name="name">That name.</param>
    /// <param name="bytes">The envelope.</param>
    /// <param name="versionsAgo">Under which version's name it was.</param>
    /// <param name="tier">Whose counters and log.</param>
    /// <param name="level">Where the tier stands.</param>
    /// <param name="isDamaged">Whether it will never be of use to anybody.</param>
    internal TierFind<TValue>? Unpack(TierKey name, ReadOnlyMemory<byte> bytes, int versionsAgo, GuardedTier tier, int level, out bool isDamaged)
    {
        isDamaged = false;
        var fault = Envelope.Read(bytes.Span, out var header);
        if (fault is EnvelopeFault.None) fault = header.Check(_cacheName, options.SchemaVersion - versionsAgo);
        if (fault is EnvelopeFault.UnknownFormat or EnvelopeFault.OtherCache or EnvelopeFault.OtherSchema) return null;
        TagSet tags = default;
        ulong stamp = 0;
        int trailer = 0;
        if (fault is EnvelopeFault.None && header.IsTagged && !TagTrailer.TryRead(bytes.Span[Envelope.HeaderLength..], header, out tags, out stamp, out trailer)) fault = EnvelopeFault.Malformed;
        if (fault is not EnvelopeFault.None)
        {
            isDamaged = true;
            Tell(tier, fault.ToString(), null);
            return null;
        }

        var life = TierLife.Of(header, Now);
        if (life.Kept == 0 || (header.IsTagged && !tier.Stamps!.Admits(tags, stamp))) return null;
        if (header.Flags.HasFlag(EnvelopeFlags.Absent)) return new(default, IsAbsent: true, life, level, tier.Tier.Name, tags);
        if (header.Flags.HasFlag(EnvelopeFlags.NullValue)) return new(default, IsAbsent: false, life, level, tier.Tier.Name, tags);
        if (header.Flags.HasFlag(EnvelopeFlags.Transformed) != options.Transform is not null) return null; // Of a program that does otherwise.
        try
        {
            var value = Value(name, bytes[Envelope.HeaderLength..^trailer], header, versionsAgo);
            if (versionsAgo > 0) TierCounters.Add(ref tier.Counters.Migrated);
            return new(value, IsAbsent: false, life, level + (versionsAgo > 0 ? 1 : 0), tier.Tier.Name, tags);
        }
        catch (Exception error)
        {
            // The serializer's fault, or a migration's, or the transform's. Under an older version's name it may still be of use to an older program.
            isDamaged = versionsAgo == 0;
            Tell(tier, "its payload cannot be read", error);
            return null;
        }
    }

    private TValue Value(TierKey name, ReadOnlyMemory<byte> payload, in EnvelopeHeader header, int versionsAgo)
    {
        if (header.Codec is PayloadCodec.None && options.Transform is null) return options.Read(new(payload), versionsAgo);
        using PooledBuffer restored = new(), unpacked = new();
        if (options.Transform is { } transform)
        {
            transform.Undo(payload.Span, name.Bytes.Span, restored);
            payload = restored.Written;
        }

        // Also of what is not packed: to the length that the header states, and to no more than is allowed.
        if (!Packing.TryUnpack(new(payload), header, options.MaxLength, unpacked)) throw new InvalidDataException("The payload does not unpack to the length its header states, or to more than is allowed.");
        return options.Read(new(unpacked.Written), versionsAgo);
    }

    private void Tell(GuardedTier tier, string reason, Exception? error)
    {
        long count = Interlocked.Increment(ref tier.Counters.Unreadable);
        if (EverFewer.IsDue(count)) logger?.Later(logger => logger.TierEntryUnreadable(tier.Tier.Name, reason, count, error));
    }
}

internal static class TierValues
{
    /// <summary>Gives an envelope that bears tags another stamp.</summary>
    internal static void Restamp(Span<byte> envelope, ulong stamp)
    {
        _ = Envelope.Read(envelope, out var header);
        TagTrailer.Stamp(envelope, stamp);
        Envelope.Seal(envelope, header);
    }
}
