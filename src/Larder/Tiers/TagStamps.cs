using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Larder.Tiers;

/// <summary>The stamps of tags in one tier, as far as this process knows them.</summary>
/// <remarks>
/// <para>For each tag the tier has an entry <c>name/!tag/…</c> with a random stamp. What is written bears the stamps of its tags, one over the other; removing a tag puts another
/// stamp in its place, so that what bears the earlier one is not believed any more, by whichever process, in this run or a later one. A stamp that is not there any more is another, too: what the
/// tier forgets costs loads, and never lets old values rise again.</para>
/// <para>Invariant: a value is stamped with what was observed before the value was begun; or later, if every removal in between would have been heard
/// of (the tier is this process's alone, or the channel hears what is written to it); or if the stamp says that the tag was not removed since, by
/// clocks that differ by less than <see cref="MostSkew"/>.</para>
/// </remarks>
internal sealed class TagStamps(string cacheName, ICacheTier tier, TagRemovals removals, TimeProvider time, Func<bool> hears, bool hearsWrites)
{
    private const int Most = 16_384, RecordLength = 16;

    // How long a stamp is believed that nobody would say has changed.
    private static readonly TimeSpan _unheard = TimeSpan.FromSeconds(1);

    // How soon a tier of this process's own, which drops its oldest entries, is given a stamp again.
    private static readonly TimeSpan _renewal = TimeSpan.FromMinutes(1);

    private readonly string _prefix = TagKeys.PrefixOf(cacheName);
    private readonly ConcurrentDictionary<string, Known> _known = new();
    private int _count; // About how many are known.
    private long _floor; // What was observed before this version does not count.

    /// <summary>By how much the clocks of processes may differ.</summary>
    internal static TimeSpan MostSkew => TimeSpan.FromSeconds(5);

    /// <summary>Which of the tags' stamps are to be looked up before they can be relied on.</summary>
    internal void AddUnknown(TagSet tags, HashSet<string> unknown)
    {
        foreach (var tag in tags)
            if (!_known.TryGetValue(tag, out var known) || !IsTrusted(known)) unknown.Add(tag);
    }

    internal TierKey KeyOf(string tag) => new(_prefix + tag);

    /// <summary>The version to be handed to <see cref="Learn"/>, taken before the tier is asked.</summary>
    internal long Version => removals.Version;

    /// <summary>Looks up in the tier what is not known of the stamps that these changes need. Throws what the tier throws.</summary>
    internal async ValueTask LookUpAsync(List<TierChange> tagged, CancellationToken cancellationToken)
    {
        HashSet<string> unknown = [];
        foreach (var change in tagged) AddUnknown(change.Claim.Tags, unknown);
        if (unknown.Count == 0) return;
        string[] asked = [.. unknown];
        long asOf = Version;
        using var found = new TierPayloads(asked.Length);
        await tier.GetAsync([.. asked.Select(KeyOf)], found, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < asked.Length; i++) Learn(asked[i], found.TryGet(i, out var record) ? record.Span : default, asOf);
    }

    /// <summary>Takes in what the tier had of a tag, unless something newer is known; nothing if it had none.</summary>
    internal void Learn(string tag, ReadOnlySpan<byte> record, long asOf)
    {
        ulong stamp = record.Length == RecordLength ? BinaryPrimitives.ReadUInt64LittleEndian(record) : 0;
        long removedAt = record.Length == RecordLength ? BinaryPrimitives.ReadInt64LittleEndian(record[8..]) : 0;
        if (asOf >= Volatile.Read(ref _floor)) Put(tag, new(stamp, removedAt, asOf, time.GetTimestamp()));
    }

    /// <summary>The tag is removed here: the tier is to have another stamp.</summary>
    internal TierChange Replace(string tag) => Make(tag, time.GetUtcNow().UtcTicks, removals.Version);

    /// <summary>The tag was removed by another process, which has given the tier another stamp.</summary>
    internal void Forget(string tag) => Put(tag, new(0, 0, removals.Version, long.MinValue));

    /// <summary>Nothing is known any more.</summary>
    internal void ForgetAll()
    {
        Volatile.Write(ref _floor, removals.Version);
        _known.Clear();
        Volatile.Write(ref _count, 0);
    }

    /// <summary>Whether an entry with these tags and this stamp is to be believed. One that is on its way into the tier has none, and was judged by the queue.</summary>
    internal bool Admits(TagSet tags, ulong stamp) => stamp == 0 || stamp == Over(tags);

    /// <summary>Whether what a queue holds still counts.</summary>
    internal bool Admits(in TagClaim claim) => !removals.Reaches(claim.Tags, claim.AsOf);

    /// <summary>What the tier is to be given so that it has a stamp for each of the tags. Called after they were looked up.</summary>
    internal IEnumerable<TierChange> Missing(TagSet tags)
    {
        foreach (var tag in tags)
        {
            _known.TryGetValue(tag, out var known);
            if (known is null or { Stamp: 0 }) yield return Make(tag, removedAt: 0, known?.AsOf ?? removals.Version);
            else if (!tier.IsShared && time.GetElapsedTime(known.At) > _renewal)
            {
                Put(tag, known with { At = time.GetTimestamp() });
                yield return Change(tag, known.Stamp, known.RemovedAt);
            }
        }
    }

    /// <summary>The stamp for a value; zero if the tier must not have it.</summary>
    internal ulong StampFor(in TagClaim claim)
    {
        ulong stamp = Over(claim.Tags);
        foreach (var tag in claim.Tags)
        {
            if (!_known.TryGetValue(tag, out var known) || known.Stamp == 0) return 0;
            bool isProven = known.AsOf <= claim.AsOf || !tier.IsShared || (hearsWrites && hears()) || known.RemovedAt + MostSkew.Ticks < claim.Began;
            if (!isProven) return 0;
        }

        return Admits(claim) ? stamp : 0; // Last: whatever was heard of before the stamps came counts.
    }

    private ulong Over(TagSet tags)
    {
        ulong stamp = 0;
        foreach (var tag in tags)
        {
            if (!_known.TryGetValue(tag, out var known) || known.Stamp == 0) return ulong.MaxValue; // Of no entry: see Make.
            stamp ^= known.Stamp;
        }

        return stamp == 0 ? 1 : stamp;
    }

    private bool IsTrusted(Known known) =>
        known.Stamp != 0 && (!tier.IsShared || hears() || (known.At != long.MinValue && time.GetElapsedTime(known.At) < _unheard));

    private TierChange Make(string tag, long removedAt, long asOf)
    {
        // Of 63 bits, so that no stamp, and no stamps one over the other, are what Over says for those that are not known.
        ulong stamp = (BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) >> 1) | 1;
        Put(tag, new(stamp, removedAt, asOf, time.GetTimestamp()));
        return Change(tag, stamp, removedAt);
    }

    private TierChange Change(string tag, ulong stamp, long removedAt)
    {
        Span<byte> record = stackalloc byte[RecordLength];
        BinaryPrimitives.WriteUInt64LittleEndian(record, stamp);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], removedAt);
        var payload = new PooledBuffer();
        payload.Replace(record);
        return new(KeyOf(tag), payload, DateTimeOffset.MaxValue);
    }

    // The later observation counts, in whichever order they are told.
    private void Put(string tag, Known known)
    {
        if (Volatile.Read(ref _count) >= Most) ForgetAll();
        _known.AddOrUpdate(
            tag,
            static (_, arg) =>
            {
                Interlocked.Increment(ref arg.self._count);
                return arg.known;
            },
            static (_, before, arg) => arg.known.AsOf >= before.AsOf ? arg.known : before,
            (self: this, known));
    }

    /// <param name="Stamp">The stamp; zero if the tier has none, or it is not known.</param>
    /// <param name="RemovedAt">When the tag was removed last, in UTC ticks by the clock of who did; zero if it was not, as far as the tier knows.</param>
    /// <param name="AsOf">The cache's version before it was observed.</param>
    /// <param name="At">When that was, by the clock's timestamp; the least for one that is not to be relied on.</param>
    private sealed record Known(ulong Stamp, long RemovedAt, long AsOf, long At);
}

/// <summary>The names under which tiers keep the stamps of tags.</summary>
internal static class TagKeys
{
    // No key's name begins so: behind the cache's name comes a version.
    internal static string PrefixOf(string cacheName) => $"{TierKeyNames.Escaped(cacheName)}/!tag/";

    /// <summary>Whether a stamp's name may begin so.</summary>
    internal static bool MayBegin(string prefix, TierKey beginning)
    {
        string name = beginning.ToString();
        return prefix.StartsWith(name, StringComparison.Ordinal) || name.StartsWith(prefix, StringComparison.Ordinal);
    }

    /// <summary>The tag of which this is the stamp's name.</summary>
    internal static bool TryRead(TierKey key, string prefix, out string tag)
    {
        string name = key.ToString();
        bool isTag = name.StartsWith(prefix, StringComparison.Ordinal);
        tag = isTag ? name[prefix.Length..] : "";
        return isTag && TagSet.Allows(tag);
    }
}
