using Larder.Expiry;
using Larder.TestKit;

namespace Larder.Tests.Expiry;

public sealed class TimingWheelTests
{
    [Fact]
    public void Entries_leave_at_their_deadline_and_not_before()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        var wheel = new TimingWheel(0);
        var waiting = new HashSet<Node>();
        var expired = new List<TimedNode>();
        long now = 0;
        for (int step = 0; step < 3000; step++)
        {
            for (int i = 0; i < 5; i++)
            {
                var node = new Node { Deadline = now + (long)Math.Pow(10, random.NextDouble() * 14) };
                wheel.Schedule(node, sooner: true);
                waiting.Add(node);
            }

            var moved = waiting.First();
            long was = moved.Deadline;
            moved.Deadline = now + random.NextInt64(TimeSpan.TicksPerDay);
            wheel.Schedule(moved, sooner: moved.Deadline < was);
            now += (long)Math.Pow(10, random.NextDouble() * 12);
            expired.Clear();
            while (!wheel.CollectExpired(now, random.Next(1, 100), expired, exactly: true)) { }
            foreach (var node in expired)
                if (node.Deadline > now || !waiting.Remove((Node)node)) Assert.Fail($"{Seeds.Variable}={seed}: not due, or twice.");
            if (waiting.Any(n => n.Deadline <= now)) Assert.Fail($"{Seeds.Variable}={seed}: due and not collected at step {step}.");
            Assert.Equal(waiting.Count, wheel.Count);
        }
    }

    [Fact]
    public void Entries_that_come_go_and_change_between_two_looks_are_met_at_their_last_deadline()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        var wheel = new TimingWheel(0);
        var known = new List<Node>();
        long now = 0;
        for (int look = 0; look < 300; look++)
        {
            // More than wait among the arrivals, in half of the turns.
            for (int change = random.Next(1200); change > 0; change--)
            {
                var node = random.Next(3) == 0 || known.Count == 0 ? new Node { Deadline = TimedNode.Never } : known[^random.Next(1, Math.Min(known.Count, 400) + 1)];
                if (random.Next(4) == 0)
                {
                    wheel.Remove(node);
                    node.Deadline = TimedNode.Never;
                    continue;
                }

                long was = node.Deadline;
                node.Deadline = random.Next(10) == 0 ? TimedNode.Never : now + 1 + random.NextInt64(TimeSpan.TicksPerHour);
                wheel.Schedule(node, sooner: node.Deadline < was || node.Deadline == TimedNode.Never);
                if (was == TimedNode.Never) known.Add(node);
            }

            known = [.. known.Distinct().Where(static node => node.Deadline != TimedNode.Never)];
            if (known.Count != wheel.Count) Assert.Fail($"{Seeds.Variable}={seed}: {wheel.Count} in the wheel for {known.Count} at look {look}.");
            now += random.NextInt64(TimeSpan.TicksPerMinute * 5);
            var expired = new List<TimedNode>();
            while (!wheel.CollectExpired(now, random.Next(1, 100), expired, exactly: true)) { }
            var due = known.Where(node => node.Deadline <= now).ToHashSet<TimedNode>();
            if (!due.SetEquals(expired) || due.Count != expired.Count) Assert.Fail($"{Seeds.Variable}={seed}: {expired.Count} collected for {due.Count} due at look {look}.");
            known.RemoveAll(due.Contains);
        }
    }

    [Fact]
    public void Entries_that_are_not_due_use_up_no_budget()
    {
        var clock = new FakeClock();
        using var cache = new Cache<int, int>(new() { TimeProvider = clock, Shards = new() { Count = 1 }, Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(1.4)) });
        for (int i = 0; i < 5000; i++) cache.Set(i, i);
        clock.Advance(TimeSpan.FromSeconds(0.9));
        cache.Trim();
        Assert.Equal(5000, cache.Count);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, cache.Weight);
    }

    private sealed class Node() : TimedNode(0);
}
