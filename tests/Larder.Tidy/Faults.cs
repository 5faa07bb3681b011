namespace Larder.Tidy;

/// <summary>Fails with every fault in full, one to a line.</summary>
internal static class Faults
{
    public static void None(IEnumerable<string> faults)
    {
        string[] all = [.. faults];
        Assert.True(all.Length == 0, $"{all.Length} faults:\n{string.Join('\n', all)}");
    }
}
