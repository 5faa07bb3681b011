using Larder.Eviction;

namespace Larder.Tests.Eviction;

public sealed class VigilTests
{
    private const int Miniature = 1536, Entries = 10_000, Judged = 32;

    [Fact]
    public void It_rests_when_nothing_has_changed_for_long_and_wakes_when_the_cache_has_turned_over()
    {
        var vigil = new Vigil();
        vigil.Begin(Miniature, isSmall: false);
        Assert.Equal(32 * Miniature, SamplesUntilRest(vigil, out int uncounted));
        Assert.Equal(0, uncounted);

        vigil.Evicted((8 * Entries) - 1);
        Assert.True(vigil.Rests);
        vigil.Evicted(1);
        Assert.False(vigil.Rests);
    }

    [Fact]
    public void The_first_quarter_of_a_watch_is_not_scored()
    {
        var vigil = Rested();
        Assert.Equal(8 * Miniature, SamplesUntilRest(vigil, out int uncounted));
        Assert.Equal(8 * Miniature / 4, uncounted);
    }

    [Fact]
    public void A_change_ends_the_rests()
    {
        var vigil = Rested();
        vigil.Changed();
        Assert.True(vigil.Saw(Judged, Entries));
        Assert.Equal((32 * Miniature) - Judged, SamplesUntilRest(vigil, out _));
    }

    [Fact]
    public void With_small_miniatures_it_never_rests()
    {
        var vigil = new Vigil();
        vigil.Begin(256, isSmall: true);
        for (int i = 0; i < 100_000; i++) Assert.True(vigil.Saw(Judged, 1024));
        Assert.False(vigil.Rests);
    }

    private static Vigil Rested()
    {
        var vigil = new Vigil();
        vigil.Begin(Miniature, isSmall: false);
        SamplesUntilRest(vigil, out _);
        vigil.Evicted(8 * Entries);
        return vigil;
    }

    private static int SamplesUntilRest(Vigil vigil, out int uncounted)
    {
        uncounted = 0;
        int seen = 0;
        while (!vigil.Rests)
        {
            if (!vigil.Saw(Judged, Entries)) uncounted += Judged;
            seen += Judged;
        }

        return seen;
    }
}
