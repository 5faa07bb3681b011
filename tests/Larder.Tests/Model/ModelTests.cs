using Larder.TestKit;

namespace Larder.Tests.Model;

/// <summary>A million random operations against a plain dictionary with deadlines. Nothing is evicted, so every answer is known.</summary>
public sealed class ModelTests
{
    private const int Keys = 40;

    public static TheoryData<string, int, bool> Variants()
    {
        var data = new TheoryData<string, int, bool>();
        foreach (var policy in EvictionPolicy.All)
        {
            data.Add(policy.Name, 1, false);
            data.Add(policy.Name, 4, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_answer_is_the_model_s(string policy, int shards, bool absentApart)
    {
        int seed = Seeds.Next();
        Run<string>(policy, shards, absentApart, seed, v => $"v{v}");
        Run<(long, long, long)>(policy, shards, absentApart, seed, v => (v, v, v));
    }

    private static void Run<TValue>(string policy, int shards, bool absentApart, int seed, Func<int, TValue> make) where TValue : notnull
    {
        var clock = new FakeClock();
        using var cache = new Cache<int, TValue>(new()
        {
            Capacity = 100_000,
            Policy = EvictionPolicy.All.Single(p => p.Name == policy),
            Shards = new() { Count = shards },
            Absent = new() { Capacity = absentApart ? 1000 : null },
            TimeProvider = clock,
        });
        var model = new Dictionary<int, (TValue? Value, bool Absent, long Until)>();
        var random = new Random(seed);
        long now = 0;
        for (int step = 0; step < 50_000; step++)
        {
            int key = random.Next(Keys);
            bool known = model.TryGetValue(key, out var entry) && now < entry.Until;
            bool alive = known && !entry.Absent;
            var fresh = make(step);
            var life = random.Next(3) == 0 ? Lifetime.Forever : Lifetime.FreshFor(TimeSpan.FromMilliseconds(random.Next(200_000)));
            long until = life.Fresh == TimeSpan.MaxValue ? long.MaxValue : now + life.Fresh.Ticks;
            switch (random.Next(16))
            {
                case 0 or 1 or 2:
                    Same(alive, cache.TryGet(key, out var got));
                    if (alive) Same(entry.Value, got);
                    break;
                case 3:
                    Same(!known ? ReadStatus.Miss : alive ? ReadStatus.Hit : ReadStatus.Absent, cache.Read(key, out _));
                    break;
                case 4:
                    Same(alive, cache.TryPeek(key, out var peeked) && entry.Value!.Equals(peeked));
                    Same(alive, cache.Contains(key));
                    break;
                case 5 or 6 or 7:
                    cache.Set(key, fresh, life, random.Next(4) == 0 ? random.Next(5) : null);
                    model[key] = (fresh, false, until);
                    break;
                case 8:
                    cache.SetAbsent(key, life);
                    model[key] = (default, true, until);
                    break;
                case 9:
                    Same(alive, cache.Remove(key, out var removed));
                    if (alive) Same(entry.Value, removed);
                    model.Remove(key);
                    break;
                case 10:
                    Same(alive ? entry.Value : fresh, cache.GetOrAdd(key, (_, v) => v, fresh));
                    if (!alive) model[key] = (fresh, false, long.MaxValue);
                    break;
                case 11:
                    Same(alive, cache.TryUpdate(key, fresh));
                    if (alive) model[key] = (fresh, false, long.MaxValue);
                    break;
                case 12:
                    bool right = alive && random.Next(2) == 0;
                    Same(right, cache.TryUpdate(key, fresh, right ? entry.Value! : make(-1)));
                    if (right) model[key] = (fresh, false, long.MaxValue);
                    break;
                case 13:
                    cache.AddOrUpdate(key, static (_, v) => v, static (_, _, v) => v, fresh);
                    model[key] = (fresh, false, long.MaxValue);
                    break;
                case 14:
                    var step14 = TimeSpan.FromMilliseconds(random.Next(30_000));
                    clock.Advance(step14);
                    now += step14.Ticks;
                    break;
                case 15 when random.Next(50) == 0:
                    cache.Clear();
                    model.Clear();
                    break;
                case 15:
                    var live = model.Where(e => now < e.Value.Until && !e.Value.Absent).ToDictionary(e => e.Key, e => e.Value.Value);
                    Same(live.Count, cache.Count);
                    Same(live.Count, cache.Count(p => live[p.Key]!.Equals(p.Value)));
                    int[] asked = [key, random.Next(Keys), key];
                    var many = cache.GetMany(asked);
                    Same(string.Join(',', asked.Distinct().Where(k => !live.ContainsKey(k))), string.Join(',', many.Missing));
                    Same(asked.Distinct().Count(live.ContainsKey), many.Found.Count);
                    break;
            }

            if (step % 10_000 == 0) cache.CheckIntegrity();

            void Same<T>(T expected, T actual)
            {
                if (!EqualityComparer<T>.Default.Equals(expected, actual))
                    Assert.Fail($"Step {step} with {Seeds.Variable}={seed}: {actual} where the model has {expected}.");
            }
        }

        cache.CheckIntegrity();
    }
}
