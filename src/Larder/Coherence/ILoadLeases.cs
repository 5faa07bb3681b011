namespace Larder;

/// <summary>Sees to it that of several processes one loads a key, while the others wait for what it brings.</summary>
/// <remarks>A holder that dies costs the others one lease's time. A lease that cannot be asked for is as good as held: then every process loads.</remarks>
public interface ILoadLeases
{
    /// <summary>
    /// Asks for the leases of the keys. At each key's position: the lease, or null if another has it. Throws when it cannot be
    /// found out.
    /// </summary>
    ValueTask<IReadOnlyList<ILoadLease?>> AcquireAsync(IReadOnlyList<TierKey> keys, TimeSpan duration, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends when the lease that another has on the key ends: given back, with or without a value written, or over. It may end
    /// sooner; whoever waits looks again.
    /// </summary>
    ValueTask WaitAsync(TierKey key, CancellationToken cancellationToken = default);
}
