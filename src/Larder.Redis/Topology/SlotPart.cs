namespace Larder.Redis.Topology;

/// <summary>What of a batch lies in one place, so that it may be sent in one command.</summary>
/// <param name="Slot">The slot of a cluster; <see cref="SlotPart.Anywhere"/> where there is one server.</param>
/// <param name="Items">The part, in the order of the batch.</param>
internal readonly record struct SlotPart<T>(int Slot, IReadOnlyList<T> Items);

/// <summary>What stands for a slot where there is one server.</summary>
internal static class SlotPart
{
    internal const int Anywhere = -1;
}
