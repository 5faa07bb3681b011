namespace Larder.Crash;

/// <summary>Knows what one writer meant to do, and holds what a restarted tier has against it.</summary>
/// <param name="work">What the writer does.</param>
/// <param name="writer">Which one it is.</param>
/// <param name="mayForget">Whether the disk is too small for everything. Then a value may be missing; an older one may not be there.</param>
internal sealed class Auditor(Work work, int writer, bool mayForget)
{
    private const long None = -1;

    // By key: the operation whose value was there at the last look; None for nothing.
    private readonly Dictionary<int, long> _seen = [];

    /// <summary>The first operation that was not yet begun at the last look.</summary>
    internal long Known { get; private set; }

    /// <summary>Looks at every key, and takes what is there as the state in which the next process begins.</summary>
    internal async Task AuditAsync(ICacheTier tier, Progress progress, string where)
    {
        long begun = progress.Begun(writer), ended = Math.Max(Known, progress.Ended(writer)), durable = Math.Max(Known, progress.Durable(writer));
        var last = new Dictionary<int, long>(_seen);           // What must be there, or something later.
        var changed = new HashSet<int>();                      // Since the checkpoint: nothing may be there instead.
        var later = new HashSet<(int Key, long Operation)>();  // What nobody was told of, and may have been done.
        for (long operation = Known; operation < begun; operation++)
        {
            int key = work.KeyOf(operation);
            long becomes = work.IsRemoval(operation) ? None : operation;
            if (operation < ended) last[key] = becomes;
            else later.Add((key, becomes));
            if (operation >= durable) changed.Add(key);
        }

        for (int key = writer; key < Work.Keys * Work.Writers; key += Work.Writers)
        {
            long found = await FindAsync(tier, key, where);
            long expected = last.GetValueOrDefault(key, None);
            bool isRight = found == expected || later.Contains((key, found)) || (found == None && (mayForget || changed.Contains(key)));
            Assert.True(isRight, $"{where}: key {key} has operation {found}, and should have {expected} or something later (of {durable} lasting, {ended} ended, {begun} begun operations)");
            _seen[key] = found;
        }

        Known = begun;
        progress.SetEnded(writer, begun);
        progress.SetDurable(writer, begun);
    }

    private async Task<long> FindAsync(ICacheTier tier, int key, string where)
    {
        using var payloads = new TierPayloads(1);
        await tier.GetAsync([Work.Name(key)], payloads);
        if (!payloads.TryGet(0, out var value)) return None;
        long operation = value.Length < 8 ? None : BitConverter.ToInt64(value.Span);
        Assert.True(operation >= 0 && work.KeyOf(operation) == key && value.Span.SequenceEqual(work.Value(operation)), $"{where}: key {key} has a value that was never written under it");
        return operation;
    }
}
