using Larder.Advising;
using Larder.Tests.Eviction;

namespace Larder.Tests.Advising;

/// <summary>That somebody listens is nothing that a policy notices.</summary>
public sealed class WatchTests
{
    [Fact]
    public void Every_mark_is_the_same_when_it_is_watched()
    {
        for (int mark = EvictionNode.Unrecorded; mark <= sbyte.MaxValue; mark++)
        {
            if (mark is > EvictionNode.MostUses and < EvictionNode.Recorded) continue;
            TestNode plain = new(1) { Mark = (sbyte)mark }, watched = new(1) { Mark = (sbyte)mark };
            watched.Watch(true);
            Assert.True(watched.IsWatched);
            Assert.Equal(mark, watched.PlainMark);
            Assert.Equal(plain.RecordsUses, watched.RecordsUses);
            Assert.Equal(plain.TakeUses(), watched.TakeUses());
            Assert.Equal(plain.Mark, watched.PlainMark);
            watched.RecordsUses = !watched.RecordsUses;
            Assert.Equal(!plain.RecordsUses, watched.RecordsUses);
            Assert.True(watched.IsWatched);
            watched.RecordsUses = plain.RecordsUses;
            watched.Watch(false);
            Assert.Equal(plain.Mark, watched.Mark);
        }
    }

    [Theory]
    [InlineData("fifo")]
    [InlineData("lru")]
    [InlineData("lfu")]
    [InlineData("sieve")]
    [InlineData("s3fifo")]
    [InlineData("2q")]
    [InlineData("arc")]
    public void A_watched_cache_hits_what_another_hits(string policy)
    {
        Cache<int, string> plain = New(null), watched = New(new());
        int hits = 0, different = 0;
        foreach (int key in Loads.Zipf(1000, 30_000, 0.8, seed: 4))
        {
            bool isHit = plain.TryGet(key, out _);
            if (isHit) hits++;
            if (watched.TryGet(key, out _) != isHit) different++;
            if (isHit) continue;
            plain.Set(key, "");
            watched.Set(key, "");
        }

        Assert.InRange(hits, 5_000, 25_000);

        // A watched entry reports each use as it happens, an unwatched one counts; between two writes a count may be ahead.
        Assert.Equal(0, different);
        watched.CheckIntegrity();

        Cache<int, string> New(AdviceOptions? advice) => new(new()
        {
            Capacity = 100,
            Policy = EvictionPolicy.All.Single(named => named.Name == policy),
            Shards = new() { Count = 1, Hash = static key => (ulong)Loads.Hash(key) },
            Advice = advice,
        });
    }

    /// <summary>Two readers at once see that there is something to do: the later one finds it done.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_use_that_another_reader_has_recorded_leaves_the_mark_as_it_is(bool isWatched)
    {
        using var cache = new Cache<int, int>(new() { Capacity = 2, Policy = EvictionPolicy.Lru, Shards = new() { Count = 1 }, Advice = isWatched ? new() : null });
        cache.Set(1, 1);
        cache.Set(2, 2);
        var entry = cache.Core.Shards.Entries().Single(static entry => entry.Key == 1);
        var touches = cache.Core.Shards.TouchesOf(entry.Hash);
        touches.Touch(entry, KeyEvent.Hit);
        touches.Touch(entry, KeyEvent.Hit);
        Assert.Equal(EvictionNode.Recorded, entry.PlainMark);
        Assert.Equal(isWatched, entry.IsWatched);

        cache.Set(3, 3);
        Assert.True(cache.TryPeek(1, out _));
        Assert.False(cache.TryPeek(2, out _));
    }

    /// <summary>As many readers as there may be are late: the count stays one.</summary>
    [Fact]
    public void A_count_that_is_full_stays_a_count()
    {
        using var cache = new Cache<int, int>(new() { Capacity = 2, Policy = EvictionPolicy.Sieve, Shards = new() { Count = 1 } });
        cache.Set(1, 1);
        var entry = cache.Core.Shards.Entries().Single();
        for (int late = 0; late < 500; late++) cache.Core.Shards.TouchesOf(entry.Hash).Touch(entry, KeyEvent.Hit);
        Assert.False(entry.IsWatched);
        Assert.False(entry.RecordsUses);
        Assert.Equal(EvictionNode.MostUses, entry.TakeUses());
    }

    [Fact]
    public void Without_advice_no_entry_is_watched()
    {
        using var cache = new Cache<int, int>(new() { Capacity = 100 });
        for (int key = 0; key < 100; key++) cache.Set(key, key);
        Assert.Null(cache.Advice);
        Assert.DoesNotContain(cache.Core.Shards.Entries(), static entry => entry.IsWatched);
    }
}
