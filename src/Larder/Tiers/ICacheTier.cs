namespace Larder;

/// <summary>A place where bytes are kept beyond the process's heap: disk, a server, another cache.</summary>
/// <remarks>
/// <para>Everything comes in batches; one key is a batch of one. Where a batch holds a key twice, the later one counts. Members may
/// be called from many threads at once, also for the same key; a later call sees what an earlier one, which has ended, has done.</para>
/// <para>A tier that fails throws, as it is; whoever reads through it counts that and goes on without it. The lists, the keys and
/// the payloads handed over stay as they are, and the receiver stays in use, until the returned task has ended, also when the call
/// was cancelled.</para>
/// </remarks>
/// <example><code>
/// await tier.SetAsync([new(key, payload, clock.GetUtcNow() + TimeSpan.FromHours(1))], cancellationToken);
/// using var found = new TierPayloads(1);
/// await tier.GetAsync([key], found, cancellationToken);
/// if (found.TryGet(0, out var read)) Use(read);
/// </code></example>
public interface ICacheTier : IAsyncDisposable
{
    /// <summary>What it is called in statistics and logs: a short word, such as <c>disk</c>.</summary>
    string Name { get; }

    /// <summary>Whether other processes read and write it too: then what they change reaches it without this process.</summary>
    bool IsShared { get; }

    /// <summary>
    /// Looks the keys up. The payload of each that is found, and whose time has not come, goes to the receiver under the key's
    /// position in the list; the others are not mentioned.
    /// </summary>
    ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes the entries, each over what its key had. An entry that is larger than the tier takes is not kept, and neither is what
    /// its key had.
    /// </summary>
    ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default);

    /// <summary>Removes the keys that are there.</summary>
    ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default);

    /// <summary>Removes all that this tier holds. In a store that several share, only what is this tier's.</summary>
    ValueTask ClearAsync(CancellationToken cancellationToken = default);
}
