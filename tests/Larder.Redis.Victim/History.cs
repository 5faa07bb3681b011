namespace Larder.Redis.Victim;

/// <summary>What kind of thing happened.</summary>
public enum Happening : byte
{
    /// <summary>A read that returned what was not the newest version when it had ended.</summary>
    Read,

    /// <summary>A version was written or its predecessor removed; the end is when the shared tier had it.</summary>
    Written,

    /// <summary>An invalidation was heard, and done with at the end. The key is -1 for one of everything.</summary>
    Heard,
}

/// <summary>Something that happened in one process, with its beginning and its end by the machine's monotonic clock.</summary>
public readonly record struct Happened(Happening What, int Key, long Version, long Start, long End);

/// <summary>What one process has seen.</summary>
/// <param name="Events">In no order.</param>
/// <param name="Reads">How many reads there were in all.</param>
/// <param name="LongestRead">How long the longest took.</param>
/// <param name="LongestStall">For how long the process was kept from running, at the worst.</param>
public sealed record History(IReadOnlyList<Happened> Events, long Reads, long LongestRead, long LongestStall)
{
    public void Save(string path)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write(Reads);
        writer.Write(LongestRead);
        writer.Write(LongestStall);
        writer.Write(Events.Count);
        foreach (var happened in Events)
        {
            writer.Write((byte)happened.What);
            writer.Write(happened.Key);
            writer.Write(happened.Version);
            writer.Write(happened.Start);
            writer.Write(happened.End);
        }
    }

    public static History Load(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        long reads = reader.ReadInt64(), longest = reader.ReadInt64(), stall = reader.ReadInt64();
        var events = new Happened[reader.ReadInt32()];
        for (int i = 0; i < events.Length; i++) events[i] = new((Happening)reader.ReadByte(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        return new(events, reads, longest, stall);
    }
}
