using Larder.Expiry;

namespace Larder.Memory;

/// <summary>What must hold between two calls of a <see cref="Stock{TKey, TValue}"/>, looked at in full.</summary>
internal static class StockIntegrity
{
    internal static void Check<TKey, TValue>(List<Entry<TKey, TValue>> all, int counted, int absent, Population values, Population? absences, int inWheel) where TKey : notnull
    {
        Require(all.Count == counted, "the table's count");
        Require(all.Count == values.Count + (absences?.Count ?? 0), "the populations' counts");
        Require(all.Count(static e => e.IsAbsent) == absent, "the count of absences");
        foreach (var group in all.GroupBy(PopulationOf)) Require(group.Sum(static e => e.Weight) == group.Key.Weight, "a population's weight");
        Require(all.Count(static e => e.WheelPlace != 0) == inWheel, "the wheel's count");
        Require(all.All(static e => e.WheelPlace != 0 || e.ExpiresAt == TimedNode.Never), "the wheel's entries");
        Require(all.All(e => !PopulationOf(e).LinksEntries || e.IsListed), "the policies' entries");

        Population PopulationOf(Entry<TKey, TValue> entry) => entry.IsAbsent && absences is not null ? absences : values;
    }

    private static void Require(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException($"Not as it must be: {what}.");
    }
}
