using System.Numerics;

namespace Larder.Observability;

/// <summary>When to say what happens again and again: the first, second, fourth, eighth … time. What always fails does not flood the log so, and is never silent for good.</summary>
internal static class EverFewer
{
    /// <summary>Whether to say that it has happened so often.</summary>
    internal static bool IsDue(long count) => BitOperations.IsPow2(count);
}
