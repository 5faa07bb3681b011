using System.Net;
using Larder.Redis.Protocol;

namespace Larder.Redis.Topology;

/// <summary>Slots that lie beside each other and are one master's, as <c>CLUSTER SLOTS</c> has them.</summary>
internal readonly record struct SlotRange(int First, int Last, DnsEndPoint Master)
{
    /// <summary>Reads an answer whose head has been read.</summary>
    /// <param name="reader">The answer.</param>
    /// <param name="asked">Who said it: a node that does not name its host means this one.</param>
    internal static IReadOnlyList<SlotRange> Read(ref RespReader reader, DnsEndPoint asked)
    {
        if (reader.Kind != RespKind.Array) throw reader.Unexpected("the slots of a cluster");
        List<SlotRange> ranges = [];
        for (int left = reader.Count; left > 0; left--)
        {
            reader.Next();
            int values = reader.Count;
            if (reader.Kind != RespKind.Array || values < 3) throw reader.Unexpected("a range of slots");
            int first = Slot(ref reader), last = Slot(ref reader);
            if (last < first) throw new RespException($"The server speaks of slots {first} to {last}.");
            if (MasterOf(ref reader, asked) is { } master) ranges.Add(new(first, last, master));
            for (int replicas = values - 3; replicas > 0; replicas--) reader.Skip();
        }

        return ranges;
    }

    private static int Slot(ref RespReader reader)
    {
        reader.Next();
        long slot = reader.Integer;
        return slot is >= 0 and < HashSlot.Count ? (int)slot : throw new RespException($"The server speaks of slot {slot}; there are {HashSlot.Count}.");
    }

    // Null where it does not know its address itself.
    private static DnsEndPoint? MasterOf(ref RespReader reader, DnsEndPoint asked)
    {
        reader.Next();
        int values = reader.Count;
        if (reader.Kind != RespKind.Array || values < 2) throw reader.Unexpected("a node");
        reader.Next();
        string host = reader.Text;
        reader.Next();
        long port = reader.Integer;
        for (int more = values - 2; more > 0; more--) reader.Skip();
        if (host == "?" || port is < 1 or > 65_535) return null;
        return new(host.Length == 0 ? asked.Host : host, (int)port);
    }
}
