namespace Larder.Cli.Traces;

/// <summary>A recorded sequence of requests, its keys numbered in the order they first came.</summary>
/// <param name="Name">The file's name, without <c>.gz</c> and <c>.u64</c>.</param>
/// <param name="Requests">For each request, its key's number.</param>
/// <param name="Hashes">For each key's number, the key's hash as a policy sees it.</param>
internal sealed record Trace(string Name, int[] Requests, int[] Hashes)
{
    /// <summary>How many different keys the trace asks for.</summary>
    public int Unique => Hashes.Length;

    /// <summary>The capacity that holds <paramref name="percent"/> of the keys: rounded to the nearest, halves up, at least 1.</summary>
    public long CapacityOf(decimal percent) =>
        Math.Max(1, (long)Math.Round(Unique * percent / 100, MidpointRounding.AwayFromZero));
}
