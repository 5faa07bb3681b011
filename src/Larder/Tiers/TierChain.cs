using System.Diagnostics;
using Larder.Observability;
using Microsoft.Extensions.Logging;

namespace Larder.Tiers;

/// <summary>The tiers of one cache, from the uppermost to the lowest: asked in turn, each for what those above did not have.</summary>
internal sealed class TierChain<TKey, TValue> : IAsyncDisposable
{
    private readonly PayloadOptions<TKey, TValue> _payloads;
    private readonly TierValues<TKey, TValue> _values;
    private readonly string _cacheName;
    private readonly ILogger? _logger;
    private long _unwritable; // What could not be made bytes. Interlocked.

    internal TierChain(string cacheName, IReadOnlyList<TierOptions> tiers, PayloadOptions<TKey, TValue> payloads, TimeProvider time, ILogger? logger, Func<ICacheTier, TagStamps> stamps)
    {
        (_payloads, _cacheName, _logger) = (payloads, cacheName, logger);
        _values = new(cacheName, payloads, time, logger);
        Keys = TierKeys<TKey>.Of(cacheName, payloads);
        Tiers = [.. tiers.Select(tier => new GuardedTier(cacheName, tier, time, logger) { Stamps = stamps(tier.Tier) })];
    }

    internal IReadOnlyList<GuardedTier> Tiers { get; }

    internal bool HasShared => Tiers.Any(static tier => tier.Tier.IsShared);

    internal TierKeys<TKey> Keys { get; }

    /// <summary>Looks the keys up, in one batch per tier. Never throws.</summary>
    /// <param name="wants">The keys.</param>
    /// <param name="onlyShared">Whether the tiers that are this process's alone are not believed.</param>
    internal async ValueTask ReadAsync(IReadOnlyList<ITierWant<TKey, TValue>> wants, bool onlyShared)
    {
        List<(ITierWant<TKey, TValue> Want, TierKey[] Names)> open = new(wants.Count);
        foreach (var want in wants)
        {
            if (NamesOf(want.Key) is { } names) open.Add((want, names));
        }

        for (int level = 0; level < Tiers.Count && open.Count > 0; level++)
        {
            if (onlyShared && !Tiers[level].Tier.IsShared) continue;
            using var found = await Tiers[level].ReadAsync([.. open.SelectMany(static item => item.Names)]).ConfigureAwait(false);
            await Tiers[level].ObserveAsync(UnknownTags(Tiers[level].Stamps!, found)).ConfigureAwait(false);
            for (int i = open.Count - 1; i >= 0; i--)
            {
                if (found.StampOf(i * Keys.Names) is { } stamp) open[i].Want.Stamped(level, stamp);
                if (Find(level, open[i].Names, found, i * Keys.Names) is { } find && open[i].Want.Take(find)) open.RemoveAt(i);
            }
        }
    }

    /// <summary>
    /// What the tiers above <paramref name="levels"/> are to do so that they have this value, each for the life at its place. A value that cannot be
    /// packed is to be removed where it was, and passes by.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="isAbsent">Whether it is known that there is no value.</param>
    /// <param name="value">The value.</param>
    /// <param name="claim">The tags it bears, and from when it is.</param>
    /// <param name="lives">How long each tier has it.</param>
    /// <param name="levels">How many tiers are to have it.</param>
    /// <param name="isFound">Whether it comes from a tier: then what older versions have is no older, and stays theirs.</param>
    /// <param name="isWritten">Whether somebody wrote it, who knows: then it takes the place of whatever there is, and can be refused.</param>
    /// <param name="stamps">What was loaded takes the place only of what the shared tiers had before, by their levels.</param>
    /// <exception cref="ArgumentException">The key or the value is too long, and the options say that this is refused.</exception>
    internal TierChanges Write(TKey key, bool isAbsent, TValue? value, in TagClaim claim, ReadOnlySpan<TierLife> lives, int levels, bool isFound, bool isWritten, TierStamp?[]? stamps = null)
    {
        if (NamesOf(key) is not { } names)
        {
            if (isWritten && _payloads.RefusesOversize) throw new ArgumentException($"The key takes more bytes in a tier than {nameof(_payloads.MaxKeyLength)} allows, which is {_payloads.MaxKeyLength}.", nameof(key));
            return default;
        }

        var changes = new TierChanges(levels * names.Length);
        using var buffer = new EnvelopeBuffer();
        ReadOnlyMemory<byte> envelope = default;
        bool isPacked = TryPack(names[0], isAbsent, value, claim.Tags, lives[0], buffer, out envelope, out var error);
        if (!isPacked && isWritten && _payloads.RefusesOversize)
            throw new ArgumentException(error is null ? $"The value takes more bytes than {nameof(_payloads.MaxLength)} allows, which is {_payloads.MaxLength}." : $"The value cannot be made bytes: {error.Message}", nameof(value), error);
        for (int level = levels - 1; level >= 0; level--)
        {
            var tier = Tiers[level];
            if (!isPacked) TierCounters.Add(ref tier.Counters.PassedBy);

            // It could not be asked before the load: what was removed or cleared since would be brought back.
            if (isPacked && !isWritten && tier.Tier.IsShared && stamps?[level] == TierStamp.Nothing) continue;
            TierStamp? over = isWritten || !tier.Tier.IsShared ? null : stamps?[level] ?? TierStamp.Nothing;
            changes.Add(tier, new(names[0], isPacked ? Copy(envelope, lives[level], isFirst: level == 0) : null, Until(lives[level]), over) { Claim = claim });
            for (int old = 1; old < names.Length && !isFound; old++) changes.Add(tier, new(names[old], null, default));
        }

        return changes;
    }

    /// <summary>What the tiers are to do to forget the key, the lowest first.</summary>
    internal TierChanges Remove(TKey key, bool onlyOwn)
    {
        if (NamesOf(key) is not { } names) return default;
        var changes = new TierChanges(Tiers.Count * names.Length);
        for (int level = Tiers.Count - 1; level >= 0; level--)
        {
            if (onlyOwn && Tiers[level].Tier.IsShared) continue;
            foreach (var name in names) changes.Add(Tiers[level], new(name, null, default));
        }

        return changes;
    }

    private static HashSet<string> UnknownTags(TagStamps stamps, TierPayloads found)
    {
        HashSet<string> unknown = [];
        for (int i = 0; i < found.Count; i++)
        {
            if (found.TryGet(i, out var envelope) && Envelope.MayBeTagged(envelope.Span) && Envelope.Read(envelope.Span, out var header) is EnvelopeFault.None && header.IsTagged
                && TagTrailer.TryRead(envelope.Span[Envelope.HeaderLength..], header, out var tags, out _, out _)) stamps.AddUnknown(tags, unknown);
        }

        return unknown;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tier in Tiers)
        {
            try
            {
                await tier.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception error)
            {
                // The others are to be closed all the same.
                Debug.WriteLine(error);
            }
        }
    }

    private TierFind<TValue>? Find(int level, TierKey[] names, TierPayloads found, int at)
    {
        var tier = Tiers[level];
        for (int ago = 0; ago < names.Length; ago++)
        {
            if (!found.TryGet(at + ago, out var payload)) continue;
            if (_values.Unpack(names[ago], payload, ago, tier, level, out bool isDamaged) is { } find)
            {
                TierCounters.Add(ref tier.Counters.Hits);
                return find;
            }

            if (isDamaged) _ = tier.Writer.Add(new(names[ago], null, default), waits: false);
        }

        TierCounters.Add(ref tier.Counters.Misses);
        return null;
    }

    // The user's serializer or transform throws for what it cannot write: then the tiers do without the value.
    private bool TryPack(TierKey name, bool isAbsent, TValue? value, TagSet tags, in TierLife life, EnvelopeBuffer buffer, out ReadOnlyMemory<byte> envelope, out Exception? error)
    {
        error = null;
        try
        {
            return _values.TryPack(name, isAbsent, value, tags, life, buffer, out envelope);
        }
        catch (Exception thrown)
        {
            (envelope, error) = (default, thrown);
            TellUnwritable("value", thrown);
            return false;
        }
    }

    private void TellUnwritable(string what, Exception error)
    {
        long count = Interlocked.Increment(ref _unwritable);
        if (EverFewer.IsDue(count)) _logger?.Later(logger => logger.TierPassedBy(what, _cacheName, count, error));
    }

    private PooledBuffer Copy(ReadOnlyMemory<byte> envelope, in TierLife life, bool isFirst)
    {
        var copy = new PooledBuffer();
        copy.Replace(envelope.Span);
        if (!isFirst) _values.Reseal(copy.Written.Span, life);
        return copy;
    }

    private DateTimeOffset Until(in TierLife life)
    {
        var now = _values.Now;
        return life.Kept >= DateTimeOffset.MaxValue.UtcTicks - now.UtcTicks ? DateTimeOffset.MaxValue : now.AddTicks(life.Kept);
    }

    // Null for a key that passes the tiers by: too long, or not to be written by its format.
    private TierKey[]? NamesOf(TKey key)
    {
        var names = new TierKey[Keys.Names];
        try
        {
            for (int i = 0; i < names.Length; i++)
            {
                if (!Keys.TryName(key, i, out names[i])) return PassBy();
            }

            return names;
        }
        catch (Exception error)
        {
            TellUnwritable("key", error);
            return PassBy();
        }
    }

    private TierKey[]? PassBy()
    {
        foreach (var tier in Tiers) TierCounters.Add(ref tier.Counters.PassedBy);
        return null;
    }
}
