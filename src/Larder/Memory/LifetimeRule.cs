using Larder.Expiry;

namespace Larder.Memory;

/// <summary>Turns a lifetime into the deadlines of one entry.</summary>
internal readonly struct LifetimeRule<TKey, TValue> where TKey : notnull
{
    private readonly Lifetime _values;
    private readonly Lifetime _absences;
    private readonly long _plain;
    private readonly Func<TKey, TValue, Lifetime?>? _of;

    internal LifetimeRule(CacheOptions<TKey, TValue> options)
    {
        _values = options.Lifetime;
        _absences = options.Absent.Lifetime ?? options.Lifetime;
        _of = options.LifetimeOf;
        _plain = _values.Fresh.Ticks;
    }

    /// <summary>Whether reads prolong the lives of entries that name no lifetime of their own.</summary>
    internal bool HasIdle => _values.Idle is not null || _absences.Idle is not null;

    /// <summary>When a value written now ends, where all live for the same time and no longer by being used.</summary>
    internal long Plain(long now) => End(_plain, now);

    internal Lifetime ForValue(TKey key, TValue value) => _of is null ? _values : Checked(_of(key, value) ?? _values, nameof(CacheOptions<,>.LifetimeOf));

    internal Lifetime ForAbsence() => _absences;

    internal static Lifetime Checked(Lifetime lifetime, string name)
    {
        if (lifetime.InProcessFaults(name).FirstOrDefault() is { } fault) throw new ArgumentException(fault, name);
        return lifetime;
    }

    /// <summary>When an entry written now ends however it is used, and unless it is used.</summary>
    internal static (long Hard, long Deadline, long Idle) Deadlines(Lifetime lifetime, long now)
    {
        long life = lifetime.Fresh.Ticks;
        if (lifetime.Jitter is { } jitter && life != long.MaxValue) life -= jitter.Cut(life);
        return Deadlines(life, lifetime.Idle?.Ticks ?? 0, now);
    }

    /// <summary>As the other, for a life of so many ticks, and so many without a use: zero for however many.</summary>
    internal static (long Hard, long Deadline, long Idle) Deadlines(long life, long idle, long now)
    {
        long hard = End(life, now);
        return (hard, idle == 0 || idle > hard - now ? hard : now + idle, idle);
    }

    private static long End(long life, long now) => life >= TimedNode.Never - now ? TimedNode.Never : now + life;
}
