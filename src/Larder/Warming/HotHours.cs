namespace Larder.Warming;

/// <summary>
/// Learns which keys are read in which hour of the week. Bounded: it counts at most some multiple of the keys it is to
/// remember, halving all counts when there are more, and remembers so many of each of 168 hours.
/// </summary>
internal sealed class HotHours<TKey>(PredictionOptions options, IEqualityComparer<TKey> comparer, TimeProvider time) where TKey : notnull
{
    private const int HoursOfWeek = 7 * 24;
    private const int CountedPerRemembered = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, int> _counts = new(comparer); // Guarded by _gate. Those of the hour under way.
    private readonly TKey[]?[] _hot = new TKey[HoursOfWeek][]; // Guarded by _gate. The hottest first.
    private long _hour; // Guarded by _gate. Which hour since the year 1 the counts are of.

    /// <summary>A key was read. Looks at one of so many, at random: reads that come in a fixed order would else show the same keys for ever.</summary>
    internal void Record(TKey key)
    {
        if (options.OneOf > 1 && Random.Shared.Next(options.OneOf) != 0) return;
        lock (_gate)
        {
            TurnLocked();
            _counts[key] = _counts.TryGetValue(key, out int count) ? count + 1 : 1;
            if (_counts.Count > options.KeysPerHour * CountedPerRemembered) HalveLocked();
        }
    }

    /// <summary>The keys that were hot in this hour of yesterday, and of the same day last week: at most so many as are remembered of an hour.</summary>
    internal IReadOnlyList<TKey> Expected(DateTimeOffset at)
    {
        long hour = HourOf(at);
        lock (_gate)
        {
            TurnLocked();
            var yesterday = _hot[(hour - 24) % HoursOfWeek] ?? [];
            var lastWeek = _hot[hour % HoursOfWeek] ?? [];
            var both = new HashSet<TKey>(comparer);
            for (int i = 0; i < Math.Max(yesterday.Length, lastWeek.Length) && both.Count < options.KeysPerHour; i++)
            {
                if (i < yesterday.Length) both.Add(yesterday[i]);
                if (i < lastWeek.Length && both.Count < options.KeysPerHour) both.Add(lastWeek[i]);
            }

            return [.. both];
        }
    }

    private long HourOf(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, options.TimeZone).DateTime.Ticks / TimeSpan.TicksPerHour;

    // When the hour has changed, what was counted becomes what is remembered of it; hours in which nothing was read are forgotten.
    private void TurnLocked()
    {
        long now = HourOf(time.GetUtcNow());
        if (now == _hour) return;
        if (_counts.Count > 0) _hot[_hour % HoursOfWeek] = [.. _counts.OrderByDescending(static c => c.Value).Take(options.KeysPerHour).Select(static c => c.Key)];
        _counts.Clear();
        for (long hour = Math.Max(_hour + 1, now - HoursOfWeek + 1); _hour != 0 && hour < now; hour++) _hot[hour % HoursOfWeek] = null;
        _hour = now;
    }

    private void HalveLocked()
    {
        foreach (var key in _counts.Keys.ToList())
        {
            if ((_counts[key] /= 2) == 0) _counts.Remove(key);
        }
    }
}
