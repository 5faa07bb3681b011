namespace Larder.Cli.Replay;

/// <summary>How to run a replay.</summary>
/// <param name="Seed">What the policies draw their random numbers from.</param>
/// <param name="Stop">Ends the replay within a chunk of requests.</param>
/// <param name="Progress">Told how many requests were replayed since it was last called.</param>
internal sealed record ReplayOptions(uint Seed, CancellationToken Stop, Action<int>? Progress = null)
{
    /// <summary>Requests between two looks at <see cref="Stop"/>.</summary>
    public const int ChunkRequests = 1 << 16;

    /// <summary>Ends a chunk.</summary>
    public void Pause(int replayed)
    {
        Progress?.Invoke(replayed);
        Stop.ThrowIfCancellationRequested();
    }
}
