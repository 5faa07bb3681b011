using System.Globalization;

namespace Larder.Crash;

/// <summary>What a writer does, operation by operation: the same for a seed in every process, so that whoever finds the files can tell what was meant.</summary>
public sealed class Work(int seed, int writer)
{
    public const int Writers = 2, Keys = 3000;

    /// <summary>The key of an operation. Writers have keys of their own.</summary>
    public int KeyOf(long operation) => ((int)(Draw(operation, 1) % Keys) * Writers) + writer;

    public bool IsRemoval(long operation) => Draw(operation, 2) % 10 == 0;

    public static TierKey Name(int key) => new("item/" + key.ToString(CultureInfo.InvariantCulture));

    /// <summary>The value that an operation writes; it begins with the operation's number.</summary>
    public byte[] Value(long operation)
    {
        byte[] value = new byte[16 + (int)(Draw(operation, 3) % 600)];
        ulong state = Draw(operation, 4);
        for (int i = 0; i < value.Length; i++) value[i] = (byte)((state = Mix(state)) >> 40);
        BitConverter.TryWriteBytes(value, operation);
        return value;
    }

    private ulong Draw(long operation, ulong kind) => Mix(Mix((ulong)operation ^ ((ulong)seed << 32)) ^ (kind + ((ulong)writer << 8)));

    // SplitMix64's step (Steele, Lea, Flood, OOPSLA 2014).
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
