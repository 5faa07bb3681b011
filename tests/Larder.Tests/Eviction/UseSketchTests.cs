using Larder.Eviction;

namespace Larder.Tests.Eviction;

public sealed class UseSketchTests
{
    [Fact]
    public void An_estimate_is_at_least_the_count_and_stops_at_fifteen()
    {
        var sketch = new UseSketch(1000, seed: 1);
        for (int key = 0; key < 500; key++) sketch.Increment(key * 7919, key % 20);
        for (int key = 0; key < 500; key++) Assert.InRange(sketch.Frequency(key * 7919), Math.Min(15, key % 20), 15);
    }

    [Fact]
    public void Counts_survive_growth()
    {
        var sketch = new UseSketch(1000, seed: 1);
        sketch.Increment(42, 5);
        sketch.Grow(2000);
        Assert.Equal(5, sketch.Frequency(42));
    }

    [Fact]
    public void Counts_fade_after_twenty_uses_per_entry()
    {
        var sketch = new UseSketch(100, seed: 1);
        sketch.Increment(42, 12);
        for (int i = 0; i < 2000; i++) sketch.Increment(1000 + i);
        Assert.InRange(sketch.Frequency(42), 6, 11);
    }

    [Fact]
    public void Ghosts_are_remembered_for_as_long_as_the_cache_is_large()
    {
        var ghosts = new GhostTable(1000, seed: 1);
        for (int key = 0; key < 3000; key++) ghosts.Add(key * 7919);
        int recent = Enumerable.Range(2000, 1000).Count(key => ghosts.Remove(key * 7919));
        int old = Enumerable.Range(0, 1900).Count(key => ghosts.Remove(key * 7919));
        Assert.InRange(recent, 850, 1000);

        // Ten bits of a key and eight places to look in make some 15 wrong ones; the rest left so long ago that the time begins anew.
        Assert.InRange(old, 0, 60);
    }

    [Fact]
    public void The_ghost_that_makes_room_is_the_oldest_of_its_bucket()
    {
        // One bucket of eight, and a tick of its clock for each that leaves.
        var ghosts = new GhostTable(6, seed: 1);
        int[] keys = [.. Enumerable.Range(0, 12).Select(static i => i * 7919)];
        for (int i = 0; i < keys.Length; i++) ghosts.Add(keys[i]);

        // The span is that of six: what left before is in its place still, or has made room, but is not remembered.
        foreach (int key in keys[..5]) Assert.False(ghosts.Remove(key));
        foreach (int key in keys[6..]) Assert.True(ghosts.Remove(key));

        // Freed places are taken before any that is held.
        ghosts.Add(keys[0]);
        ghosts.Add(keys[1]);
        Assert.True(ghosts.Remove(keys[0]));
        Assert.True(ghosts.Remove(keys[1]));
    }

    [Fact]
    public void Ghosts_survive_growth_and_leave_when_asked_for()
    {
        var ghosts = new GhostTable(100, seed: 1);
        ghosts.Add(42);
        ghosts.Grow();
        Assert.True(ghosts.Remove(42));
        Assert.False(ghosts.Remove(42));
    }
}
