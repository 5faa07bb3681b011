using Larder.Eviction;

namespace Larder.Tests.Eviction;

/// <summary>What defines each policy, in sequences worked by hand.</summary>
public sealed class PolicyBehaviourTests
{
    [Fact]
    public void Fifo_ignores_uses()
    {
        var cache = new TestCache(EvictionPolicy.Fifo, 3);
        cache.RequestAll(1, 2, 3, 1, 4);
        Assert.Equal([2, 3, 4], cache.Drain());
    }

    [Fact]
    public void Lru_evicts_what_was_used_longest_ago()
    {
        var cache = new TestCache(EvictionPolicy.Lru, 3);
        cache.RequestAll(1, 2, 3, 1, 4);
        Assert.Equal([3, 1, 4], cache.Drain());
    }

    [Fact]
    public void Lfu_evicts_what_was_used_least_and_not_the_newcomer()
    {
        var cache = new TestCache(EvictionPolicy.Lfu, 3);
        cache.RequestAll(1, 1, 1, 2, 2, 3, 3, 4);
        Assert.Equal([1, 3, 4], cache.Keys);
        cache.RequestAll(4, 4, 4, 5);
        Assert.Equal([1, 4, 5], cache.Keys);
    }

    [Fact]
    public void Lfu_halves_all_counts_when_one_would_overflow()
    {
        var cache = new TestCache(EvictionPolicy.Lfu, 4);
        cache.RequestAll(2, 2, 2, 3, 3, 4);
        for (int i = 0; i < 65_536; i++) cache.Request(1);
        Assert.Equal([32_768, 1, 1, 1], new[] { 1, 2, 3, 4 }.Select(key => (int)cache[key].Count));

        // From the rarest bucket on: 4 was in it before, 3 and then 2 joined it.
        cache.Evict();
        Assert.Equal([3, 2, 1], cache.Drain());
    }

    [Fact]
    public void Sieve_spares_once_what_was_read_and_leaves_it_in_place()
    {
        var cache = new TestCache(EvictionPolicy.Sieve, 3);
        cache.RequestAll(1, 2, 3, 1, 4);
        Assert.Equal([1, 3, 4], cache.Keys);

        // The hand stands at 3, and 1 has lost its mark.
        cache.Request(5);
        Assert.Equal([1, 4, 5], cache.Keys);
    }

    [Fact]
    public void Sieves_hand_does_not_reach_the_newcomer()
    {
        var cache = new TestCache(EvictionPolicy.Sieve, 3);
        cache.RequestAll(1, 2, 3, 1, 2, 3, 4);
        Assert.Equal([2, 3, 4], cache.Keys);
    }

    [Fact]
    public void S3Fifo_promotes_what_was_used_twice_and_what_comes_back()
    {
        var cache = new TestCache(EvictionPolicy.S3Fifo, 10);
        cache.RequestAll(1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        cache.RequestAll(11, 12);
        Assert.True(cache[1] is { Segment: 0 });

        // A single use is not enough for 2; as a ghost it comes back to the main FIFO.
        Assert.DoesNotContain(2, cache.Keys);
        cache.Request(2);
        Assert.True(cache[2] is { Segment: 0 });
        Assert.True(cache[12] is { Segment: 1 });
    }

    [Fact]
    public void TwoQueue_counts_only_what_comes_back_after_it_has_left()
    {
        var cache = new TestCache(EvictionPolicy.TwoQueue, 4);
        cache.RequestAll(1, 1, 1, 2, 3, 4, 5);
        Assert.Equal([2, 3, 4, 5], cache.Keys);
        cache.Request(1);
        Assert.True(cache[1] is { Segment: 0 });
        cache.RequestAll(10, 11, 12, 13);
        Assert.Contains(1, cache.Keys);
    }

    [Fact]
    public void Arc_keeps_what_was_used_again_from_what_was_used_once()
    {
        var cache = new TestCache(EvictionPolicy.Arc, 4);
        cache.RequestAll(1, 2, 1, 2);
        for (int key = 10; key < 30; key++) cache.Request(key);
        Assert.Equal([1, 2, 28, 29], cache.Keys);
    }

    [Fact]
    public void Arc_gives_room_to_the_list_whose_ghosts_are_asked_for()
    {
        var cache = new TestCache(EvictionPolicy.Arc, 4);
        cache.RequestAll(1, 2, 1, 2, 3, 4, 5, 6);
        Assert.Equal([1, 2, 5, 6], cache.Keys);

        // 4 is a ghost of what was used once: that list may now be one long, which 5 and 6 exceed; then two long.
        cache.Request(4);
        Assert.Equal([1, 2, 4, 6], cache.Keys);
        cache.Request(5);
        Assert.Equal([2, 4, 5, 6], cache.Keys);
    }

    [Fact]
    public void TinyLfu_turns_away_what_is_used_less_than_the_victim()
    {
        var cache = new TestCache(EvictionPolicy.TinyLfu, 3);
        cache.RequestAll(1, 2, 3, 1, 2, 3, 4);
        Assert.Equal([1, 2, 3], cache.Keys);
        cache.RequestAll(4, 4);
        Assert.Equal([2, 3, 4], cache.Keys);
    }

    [Fact]
    public void WTinyLfu_lets_newcomers_in_and_judges_them_at_the_door_of_the_main_region()
    {
        var cache = new TestCache(EvictionPolicy.WTinyLfu, 4);
        cache.RequestAll(1, 2, 3, 1, 2, 3, 4, 5);
        Assert.Equal([1, 2, 3, 5], cache.Keys);
        Assert.True(cache[5] is { Segment: 0 });
        Assert.True(cache[1] is { Segment: not 0 });
    }

    [Fact]
    public void WTinyLfu_keeps_a_heavy_entry_from_sweeping_out_the_window()
    {
        var cache = new TestCache(EvictionPolicy.WTinyLfu, 100);
        cache.Request(1);
        cache.Request(2, 50);
        Assert.True(cache[1] is { Segment: 0 });
        Assert.True(cache[2] is { Segment: 1 });
    }

    [Fact]
    public void The_window_grows_while_hits_do_and_turns_back_when_they_fall()
    {
        var climber = new WindowClimber();
        Sample(climber, 0.5);
        double grown = climber.Share;
        Assert.InRange(grown, 0.011, 0.1);
        Sample(climber, 0.6);
        Assert.True(climber.Share > grown);
        grown = climber.Share;
        Sample(climber, 0.3);
        Assert.True(climber.Share < grown);
    }

    [Theory]
    [InlineData("2q", 20)]
    [InlineData("s3fifo", 20)]
    [InlineData("arc", 20)]
    [InlineData("tinylfu", 20)]
    [InlineData("wtinylfu", 18)]
    public void A_scan_leaves_the_working_set(string name, int least)
    {
        var cache = new TestCache(EvictionPolicy.All.Single(policy => policy.Name == name), 100);
        int[] working = [.. Enumerable.Range(0, 20)];

        // Used often, with absences long enough for 2Q and short enough for its memory.
        for (int round = 0; round < 12; round++)
        {
            cache.RequestAll(working);
            for (int i = 0; i < 100; i++) cache.Request(1_000 + round * 100 + i);
            cache.RequestAll(working);
            cache.RequestAll(working);
        }

        // Longer than the cache, shorter than what ages a sketch.
        for (int i = 0; i < 300; i++) cache.Request(10_000 + i);
        Assert.InRange(working.Intersect(cache.Keys).Count(), least, 20);
    }

    // One sampling period of the climber: ten requests for each of 100 entries.
    private static void Sample(WindowClimber climber, double ratio)
    {
        double before = climber.Share;
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(before, climber.Share);
            climber.OnRequest(isHit: i % 100 < ratio * 100, entries: 100);
        }

        Assert.NotEqual(before, climber.Share);
    }
}
