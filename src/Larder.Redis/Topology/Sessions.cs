using Larder.Redis.Connection;
using Larder.Redis.Protocol;
using Microsoft.Extensions.Logging;

namespace Larder.Redis.Topology;

/// <summary>What every link of a client is told at its beginning, and who hears what servers say of their own.</summary>
/// <remarks>
/// Invariant: a session counts as open exactly while every node has a link that was told; so whoever listens hears of all keys, or knows that it does not.
/// </remarks>
/// <param name="nodes">The nodes of this moment: all that may own a key that is asked for.</param>
/// <param name="ownerOf">Whose a slot is.</param>
/// <param name="logger">Where it says that a server refuses.</param>
internal sealed class Sessions(Func<IReadOnlyList<RedisNode>> nodes, Func<int, RedisNode?> ownerOf, ILogger? logger)
{
    private readonly Lock _gate = new(); // One review at a time, so that the last one has the last word.
    private volatile RedisSession[] _sessions = []; // Replaced under _gate, never changed.

    /// <summary>From now on every new link is told.</summary>
    internal void Join(RedisSession session)
    {
        lock (_gate)
            if (!_sessions.Contains(session)) _sessions = [.. _sessions, session];
    }

    /// <summary>Has the links that there are told. Throws if one could not be; it is told when it is back.</summary>
    internal async Task BeginAsync(RedisSession session, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(nodes().Select(async node =>
            {
                var link = await node.LinkAsync(cancellationToken).ConfigureAwait(false);
                await session.BeginOnceAsync(link, cancellationToken).ConfigureAwait(false);
            })).ConfigureAwait(false);
        }
        finally
        {
            Review();
        }
    }

    internal void Leave(RedisSession session)
    {
        lock (_gate) _sessions = [.. _sessions.Where(other => other != session)];
    }

    /// <summary>Tells a link that is not in use yet.</summary>
    internal async Task BeginAsync(RedisLink link, CancellationToken cancellationToken)
    {
        foreach (var session in _sessions)
        {
            try
            {
                await session.BeginOnceAsync(link, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisException error)
            {
                // The server does not have what this one needs: it stays closed, which is no reason to do without the rest.
                Log.SessionRefused(logger, $"{link.Server.Host}:{link.Server.Port}", error);
            }
        }
    }

    /// <summary>Links have come or gone: sessions are told whether they hear everything.</summary>
    internal void Review()
    {
        lock (_gate)
        {
            RedisLink?[] links = [.. nodes().Select(static node => node.Link)];
            bool isLinked = links.Length > 0 && !links.Contains(null);
            foreach (var session in _sessions)
            {
                foreach (var link in links)
                    if (link is not null && !session.IsTold(link)) _ = BeginLateAsync(session, link); // It came while the session joined.
                bool hearsAll = isLinked && links.All(link => session.HasBegunOn(link!));
                session.Tell(!hearsAll ? null : Array.Find(links, link => link == ownerOf(session.Slot)?.Link) ?? links[0]);
            }
        }
    }

    /// <summary>Something may have gone unheard, though every node has a link.</summary>
    internal void Doubt()
    {
        lock (_gate)
            foreach (var session in _sessions) session.Tell(null);
    }

    /// <summary>This client itself has changed a key.</summary>
    internal void Changed(ReadOnlySpan<byte> key)
    {
        foreach (var session in _sessions) session.Changed(key);
    }

    /// <summary>On the thread that reads a link's answers, before the answers behind it are handed on.</summary>
    internal void Pushed(RedisLink link, ReadOnlyMemory<byte> frame)
    {
        foreach (var session in _sessions)
        {
            var reader = new RespReader(frame.Span);
            reader.Next();
            int count = reader.Count;
            reader.Next();
            session.Hear(link, reader.Text, count - 1, ref reader);
        }
    }

    private async Task BeginLateAsync(RedisSession session, RedisLink link)
    {
        await session.BeginOnceAsync(link, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Review();
    }
}
