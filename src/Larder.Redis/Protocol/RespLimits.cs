namespace Larder.Redis.Protocol;

/// <summary>What an answer may be at most, whatever it promises.</summary>
/// <param name="Depth">How deep aggregates may lie in each other.</param>
/// <param name="Elements">How many values one answer may have in all.</param>
/// <param name="Bulk">How long a string may be.</param>
/// <param name="Line">How long a line may be.</param>
internal readonly record struct RespLimits(int Depth, int Elements, int Bulk, int Line)
{
    internal static RespLimits Default => new(16, 1 << 20, 512 << 20, 64 << 10);
}
