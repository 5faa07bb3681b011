namespace Larder.Benchmarks.Measuring;

/// <summary>
/// Compares two that differ by a few per cent. Two caches that were filled alike lie differently in memory, which is more of a difference than what is asked for: so there are two of
/// each, in mirrored order, and their means are compared.
/// </summary>
internal static class Mirror
{
    private static readonly bool[] _order = [true, false, false, true];

    /// <param name="name">The row's.</param>
    /// <param name="goal">What the ratio must reach; null for nothing.</param>
    /// <param name="note">What is compared with what.</param>
    /// <param name="worker">Makes one of ours, or one of theirs.</param>
    internal static Row Compare(string name, Goal? goal, string note, Func<bool, Worker> worker)
    {
        Side[] sides = [.. _order.Select(isOurs => new Side(isOurs ? "ours" : "theirs", worker(isOurs)))];
        Duel.Fight(sides);
        double Mean(string of) => sides.Where(side => side.Name == of).Average(static side => side.Nanoseconds);
        return new(name, Mean("ours"), Mean("theirs"), sides[0].BytesPerOperation, goal, note);
    }
}
