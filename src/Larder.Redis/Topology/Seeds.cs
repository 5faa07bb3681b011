using System.Net;
using Larder.Redis.Connection;

namespace Larder.Redis.Topology;

/// <summary>Servers of which one is needed: they are tried in turn, each time from the one behind the last.</summary>
/// <param name="known">Those that may be tried.</param>
/// <param name="connect">Makes a link to one.</param>
/// <param name="refusal">Why a server that could be reached is not what is looked for; null if it is.</param>
internal sealed class Seeds(Func<IReadOnlyList<DnsEndPoint>> known, Func<DnsEndPoint, CancellationToken, Task<RedisLink>> connect, Func<RedisLink, string?> refusal)
{
    private int _at; // One attempt at a time.

    /// <summary>A link to one. Throws what the last one failed with.</summary>
    internal async Task<RedisLink> ConnectAsync(CancellationToken cancellationToken)
    {
        var seeds = known();
        for (int left = seeds.Count - 1; ; left--)
        {
            var seed = seeds[_at++ % seeds.Count];
            try
            {
                var link = await connect(seed, cancellationToken).ConfigureAwait(false);
                if (refusal(link) is not { } reason) return link;
                var refused = new RedisException($"The server at {seed.Host}:{seed.Port} {reason}");
                link.Break(refused);
                throw refused;
            }
            catch (Exception) when (left > 0 && !cancellationToken.IsCancellationRequested)
            {
                // Perhaps the next one.
            }
        }
    }
}
