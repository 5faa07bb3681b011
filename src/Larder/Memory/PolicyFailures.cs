using Larder.Observability;
using Microsoft.Extensions.Logging;

namespace Larder.Memory;

/// <summary>Counts what the policies of the user's own did wrong in one cache, and logs the first, and then ever fewer.</summary>
internal sealed class PolicyFailures(ILogger logger)
{
    private long _count;

    internal long Count => Volatile.Read(ref _count);

    /// <summary>Makes a policy for each shard, behind a guard if it is the user's own.</summary>
    internal IEvictionPolicy[] Guard(EvictionPolicy policy, long[] shares, uint seed)
    {
        var made = policy.Create(shares, seed);
        return policy.IsCustom ? Array.ConvertAll(made, IEvictionPolicy (own) => new GuardedPolicy(policy.Name, own, this)) : made;
    }

    /// <summary>Called under a shard's lock.</summary>
    internal void Add(string policy, Exception error)
    {
        long count = Interlocked.Increment(ref _count);
        if (EverFewer.IsDue(count)) logger.Later(log => log.PolicyFailed(policy, count, error));
    }
}
