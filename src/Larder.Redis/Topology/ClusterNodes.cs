using System.Net;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;

namespace Larder.Redis.Topology;

/// <summary>The nodes of a cluster that are spoken to, and whose each slot is.</summary>
/// <remarks>
/// Invariant: whoever is asked for a key is among <see cref="All"/>, and sessions know it before it is asked for the first time. A node that leaves takes with it what it would have
/// said; so sessions are told that something may have gone unheard.
/// </remarks>
internal sealed class ClusterNodes(RedisOptions options, TimeProvider time, Sessions sessions, Func<DnsEndPoint, CancellationToken, Task<RedisLink>> connect, Action<RedisNode> changed) : IAsyncDisposable
{
    // How long a node stays that owns nothing, but was named by a redirection: slots may be on their way to it. Not if it is away: then nobody would hear everything as long.
    private static readonly TimeSpan _namedFor = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<DnsEndPoint, Member> _members = []; // Guarded by _gate.
    private readonly RedisNode?[] _owners = new RedisNode?[HashSlot.Count]; // Each is read and replaced at once.
    private readonly CancellationTokenSource _closing = new();
    private volatile RedisNode[] _all = []; // Replaced under _gate, never changed.

    internal IReadOnlyList<RedisNode> All => _all;

    internal IReadOnlyList<DnsEndPoint> Addresses { get { lock (_gate) return [.. _members.Keys]; } }

    /// <summary>Null while nobody owns it. What was sent when there was one server has none.</summary>
    internal RedisNode? OwnerOf(int slot) => slot == SlotPart.Anywhere ? null : Volatile.Read(ref _owners[slot]);

    /// <summary>The node that a redirection names.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="slot">What it owns now; null if it only may.</param>
    internal RedisNode Named(DnsEndPoint address, int? slot)
    {
        Member member;
        bool isNew;
        lock (_gate)
        {
            isNew = !_members.ContainsKey(address);
            member = MemberLocked(address);
            member.Named = time.GetTimestamp();
            if (slot is { } owned) Volatile.Write(ref _owners[owned], member.Node);
        }

        if (isNew) Begin([member.Node]);
        return member.Node;
    }

    /// <summary>Takes over what a node says of the slots. Those who own nothing leave.</summary>
    internal void Replace(IReadOnlyList<SlotRange> map)
    {
        List<RedisNode> joining = [], leaving = [];
        lock (_gate)
        {
            var owners = new RedisNode?[HashSlot.Count];
            foreach (var range in map)
            {
                if (!_members.ContainsKey(range.Master)) joining.Add(MemberLocked(range.Master).Node);
                Array.Fill(owners, _members[range.Master].Node, range.First, range.Last - range.First + 1);
            }

            for (int slot = 0; slot < owners.Length; slot++) Volatile.Write(ref _owners[slot], owners[slot]);
            var owning = owners.ToHashSet();
            foreach (var (address, member) in _members.ToArray())
            {
                if (owning.Contains(member.Node) || (member.Named is { } named && time.GetElapsedTime(named) < _namedFor && !member.Node.IsAway)) continue;
                _members.Remove(address);
                leaving.Add(member.Node);
            }

            _all = [.. _members.Values.Select(static member => member.Node)];
        }

        if (leaving.Count > 0) sessions.Doubt();
        foreach (var node in leaving) _ = RetireAsync(node);
        Begin(joining);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        foreach (var node in _all) await node.DisposeAsync().ConfigureAwait(false);
    }

    private Member MemberLocked(DnsEndPoint address)
    {
        if (_members.TryGetValue(address, out var member)) return member;
        RedisNode? node = null;
        node = new($"{address.Host}:{address.Port}", options, time, cancel => connect(address, cancel), () => changed(node!)) { Address = address };
        member = new(node);
        _members.Add(address, member);
        _all = [.. _all, node];
        return member;
    }

    private void Begin(IReadOnlyList<RedisNode> nodes)
    {
        sessions.Review();
        foreach (var node in nodes) node.Start();
    }

    // What was sent to it has time to be answered.
    private async Task RetireAsync(RedisNode node)
    {
        await Task.Delay(options.CommandTimeout, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await node.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class Member(RedisNode node)
    {
        internal RedisNode Node => node;

        /// <summary>When a redirection last named it.</summary>
        internal long? Named { get; set; }
    }
}
