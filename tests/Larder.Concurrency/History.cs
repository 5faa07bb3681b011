namespace Larder.Concurrency;

internal enum Did { Read, Set, Remove, Clear, GetOrAdd }

/// <summary>One operation on one key: when it began and ended, what it wrote and what it saw. A null value is "nothing there".</summary>
internal sealed record Operation(int Thread, Did Did, long Began, long Ended, int? Wrote, int? Saw, bool Ran = false);

/// <summary>
/// Whether a history of one key is linearizable: whether its operations can be put in an order that respects real time and
/// in which a plain register would have answered the same (Wing and Gong, 1993, with Lowe's memory of states seen).
/// </summary>
internal static class History
{
    internal static bool IsLinearizable(IReadOnlyList<Operation> operations)
    {
        if (operations.Count > 62) throw new ArgumentException("At most 62 operations to a history.", nameof(operations));
        var seen = new HashSet<(long Done, int? State)>();
        return Search(0, null);

        bool Search(long done, int? state)
        {
            if (done == (1L << operations.Count) - 1) return true;
            if (!seen.Add((done, state))) return false;

            // Only what began before every other pending operation ended can come next.
            long earliestEnd = long.MaxValue;
            for (int i = 0; i < operations.Count; i++)
                if ((done & (1L << i)) == 0) earliestEnd = Math.Min(earliestEnd, operations[i].Ended);
            for (int i = 0; i < operations.Count; i++)
            {
                if ((done & (1L << i)) != 0 || operations[i].Began > earliestEnd) continue;
                foreach (int? next in After(operations[i], state, operations))
                    if (next is not int.MinValue && Search(done | (1L << i), next)) return true;
            }

            return false;
        }
    }

    // The states an operation may leave behind, none if it cannot have seen what it saw.
    private static IEnumerable<int?> After(Operation operation, int? state, IReadOnlyList<Operation> all)
    {
        switch (operation.Did)
        {
            case Did.Read when operation.Saw == state:
                yield return state;
                break;
            case Did.Set:
                yield return operation.Wrote;
                break;
            case Did.Remove when operation.Saw == state:
            case Did.Clear:
                yield return null;
                break;
            case Did.GetOrAdd when state is not null && operation.Saw == state:
                yield return state;
                break;
            case Did.GetOrAdd when state is null:
                yield return operation.Saw;

                // What a factory brings is not stored when the key was written or removed while it ran; whoever joined it
                // shares what it brought.
                bool overtaken = all.Any(o => o.Did is Did.Set or Did.Remove or Did.Clear && o.Began < operation.Ended && operation.Began < o.Ended)
                    || (!operation.Ran && all.Any(o => o.Ran && o.Wrote == operation.Saw && o.Began < operation.Ended && operation.Began < o.Ended));
                if (overtaken) yield return null;
                break;
        }
    }
}
