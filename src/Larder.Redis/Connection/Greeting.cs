using Larder.Redis.Protocol;

namespace Larder.Redis.Connection;

/// <summary>What a server says of itself when it is greeted.</summary>
/// <param name="Mode">Alone, of a cluster, or a sentinel.</param>
/// <param name="Role">Whether it takes writes.</param>
internal sealed record Greeting(string Mode, string Role)
{
    internal bool IsCluster => Mode == "cluster";

    internal bool IsSentinel => Mode == "sentinel";

    internal bool IsMaster => Role == "master";

    internal static Greeting Read(ref RespReader reader)
    {
        if (reader.Kind != RespKind.Map) throw reader.Unexpected("a greeting");
        string mode = "", role = "";
        for (int left = reader.Count / 2; left > 0; left--)
        {
            reader.Next();
            string name = reader.Text;
            if (name is not ("mode" or "role"))
            {
                reader.Skip();
                continue;
            }

            reader.Next();
            if (name == "mode") mode = reader.Text;
            else role = reader.Text;
        }

        return new(mode, role);
    }
}
