using System.Buffers;
using Larder.Tiers;
using Microsoft.Extensions.Logging;

namespace Larder;

/// <summary>Spreads keys over several tiers by rendezvous hashing: a node that is added takes its share from each of the others and no more, a node that is dead costs its share only.</summary>
/// <remarks>
/// Every node is guarded by itself: its failures are misses, counted, behind a breaker of its own, and what it could not be told waits for it. So this tier
/// itself does not fail. Taking a node out, or changing its weight, leaves what it holds where it is: clear the node before it comes back.
/// </remarks>
/// <example><code>
/// var tier = new ShardedTier([new("cache-1", new(one)), new("cache-2", new(two)), new("cache-3", new(three)) { Weight = 2 }]);
/// </code></example>
public sealed class ShardedTier : IPrefixTier
{
    private readonly Node[] _nodes;
    private readonly TimeProvider _time;
    private int _isDisposed;

    /// <summary>Builds a tier over the nodes, which it disposes, unless their options say that it does not own them.</summary>
    /// <exception cref="ArgumentException">There is no node, two have one name, or an option is not allowed.</exception>
    public ShardedTier(IReadOnlyList<TierNode> nodes, string name = "sharded", TimeProvider? timeProvider = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (Faults(nodes).ToArray() is { Length: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(nodes));
        Name = name;
        _time = timeProvider ?? TimeProvider.System;
        _nodes = [.. nodes.Select(node => new Node(Rendezvous.HashOf(node.Name), node.Weight, new(name, node.Options, _time, logger)))];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsShared => Array.Exists(_nodes, static node => node.Guard.Tier.IsShared);

    /// <summary>What each node has done, in the order in which they were given.</summary>
    public IReadOnlyList<TierStatistics> Nodes => [.. _nodes.Select(static node => node.Guard.Statistics)];

    /// <inheritdoc/>
    public async ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(receiver);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var shares = new List<int>?[_nodes.Length];
        for (int i = 0; i < keys.Count; i++) (shares[OwnerOf(keys[i])] ??= []).Add(i);
        await Task.WhenAll(_nodes.Zip(shares).Where(static pair => pair.Second is not null).Select(pair => ReadAsync(pair.First, pair.Second!, keys, receiver))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var changes = new TierChanges(entries.Count);
        foreach (var entry in entries)
        {
            var payload = new PooledBuffer();
            foreach (var piece in entry.Payload) payload.Write(piece.Span);
            changes.Add(_nodes[OwnerOf(entry.Key)].Guard, new(Copy(entry.Key), payload, entry.Until, entry.Over));
        }

        return new(changes.Begin(_time, waits: true));
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var changes = new TierChanges(keys.Count);
        foreach (var key in keys) changes.Add(_nodes[OwnerOf(key)].Guard, new(Copy(key), null, default));
        return new(changes.Begin(_time, waits: true));
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        return new(Task.WhenAll(_nodes.Select(static node => node.Guard.Writer.Clear())));
    }

    /// <inheritdoc/>
    public async ValueTask<long> RemovePrefixesAsync(IReadOnlyList<TierKey> prefixes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefixes);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        long[] removed = await Task.WhenAll(_nodes.Select(node => node.Guard.RemovePrefixesAsync(prefixes, cancellationToken).AsTask())).ConfigureAwait(false);
        return removed.Sum();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // All at once, and each to its end though another fails.
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) await Task.WhenAll(_nodes.Select(static node => node.Guard.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    /// <summary>The position of the node that has the key.</summary>
    internal int OwnerOf(TierKey key)
    {
        ulong hash = Rendezvous.HashOf(key.Bytes.Span);
        int owner = 0;
        double best = double.NegativeInfinity;
        for (int i = 0; i < _nodes.Length; i++)
        {
            double score = Rendezvous.Score(_nodes[i].Hash, hash, _nodes[i].Weight);
            if (score > best) (owner, best) = (i, score);
        }

        return owner;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    private static async Task ReadAsync(Node node, List<int> share, IReadOnlyList<TierKey> keys, ITierReceiver receiver)
    {
        using var found = await node.Guard.ReadAsync([.. share.Select(i => keys[i])]).ConfigureAwait(false);
        for (int i = 0; i < share.Count; i++)
        {
            if (found.StampOf(i) is { } stamp) receiver.Stamped(share[i], stamp);
            if (!found.TryGet(i, out var payload)) continue;
            receiver.Buffer(share[i]).Write(payload.Span);
            receiver.Found(share[i]);
        }
    }

    // The caller's bytes are the caller's again before the node has done what it was told.
    private static TierKey Copy(TierKey key) => new(key.Bytes.ToArray());

    private static IEnumerable<string> Faults(IReadOnlyList<TierNode> nodes)
    {
        if (nodes.Count == 0) yield return "There are no nodes; there must be at least one.";
        for (int i = 0; i < nodes.Count; i++)
        {
            if (nodes[i] is not { } node)
            {
                yield return $"Node {i} is null.";
                continue;
            }

            if (string.IsNullOrWhiteSpace(node.Name) || nodes.Take(i).Any(other => other?.Name == node.Name)) yield return $"The name of node {i} is '{node.Name}'; it must be one that no other has.";
            if (!(node.Weight > 0 && double.IsFinite(node.Weight))) yield return $"The weight of node '{node.Name}' is {node.Weight}; it must be above zero.";
            if (node.Options is null) yield return $"The options of node '{node.Name}' are null.";
            foreach (var fault in node.Options?.Faults($"nodes[{i}]") ?? []) yield return fault;
        }
    }

    private sealed record Node(ulong Hash, double Weight, GuardedTier Guard);
}
