using Larder.TestKit;

namespace Larder.Tests.Tiers;

public sealed class InMemoryTierTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task It_finds_what_was_written_by_position()
    {
        await using var tier = new InMemoryTier(timeProvider: _clock);
        await tier.SetAsync([Entry("a", 1), Entry("c", 3)]);
        using var found = new TierPayloads(3);
        await tier.GetAsync([new("a"), new("b"), new("c")], found);
        Assert.True(found.TryGet(0, out var a) && a.Span is [1]);
        Assert.False(found.TryGet(1, out _));
        Assert.True(found.TryGet(2, out var c) && c.Span is [3]);
    }

    [Fact]
    public async Task An_entry_ends_at_its_instant()
    {
        await using var tier = new InMemoryTier(timeProvider: _clock);
        await tier.SetAsync([new(new("a"), new byte[] { 1 }, _clock.GetUtcNow().AddSeconds(10))]);
        _clock.Advance(TimeSpan.FromTicks(TimeSpan.TicksPerSecond * 10 - 1));
        Assert.Equal([1], await Read(tier, "a"));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await Read(tier, "a"));
    }

    [Fact]
    public async Task An_entry_that_has_ended_already_or_is_too_large_removes_what_was_there()
    {
        await using var tier = new InMemoryTier(capacity: 10, timeProvider: _clock);
        await tier.SetAsync([Entry("a", 1)]);
        await tier.SetAsync([new(new("a"), new byte[] { 2 }, _clock.GetUtcNow())]);
        Assert.Null(await Read(tier, "a"));
        await tier.SetAsync([Entry("a", 1)]);
        await tier.SetAsync([new(new("a"), new byte[11], DateTimeOffset.MaxValue)]);
        Assert.Null(await Read(tier, "a"));
        Assert.Equal(0, tier.Bytes);
    }

    [Fact]
    public async Task The_oldest_leaves_a_full_tier()
    {
        await using var tier = new InMemoryTier(capacity: 6, timeProvider: _clock);
        await tier.SetAsync([Entry("a", 1), Entry("b", 2), Entry("c", 3), Entry("d", 4)]);
        Assert.Equal(3, tier.Count);
        Assert.Null(await Read(tier, "a"));
        Assert.Equal([4], await Read(tier, "d"));
    }

    [Fact]
    public async Task Removing_and_clearing_leave_nothing()
    {
        await using var tier = new InMemoryTier(timeProvider: _clock);
        await tier.SetAsync([Entry("a", 1), Entry("b", 2), Entry("c", 3)]);
        await tier.RemoveAsync([new("a"), new("x")]);
        Assert.Equal(2, tier.Count);
        await tier.ClearAsync();
        Assert.Equal((0, 0L), (tier.Count, tier.Bytes));
    }

    [Fact]
    public async Task A_disposed_tier_says_so()
    {
        var tier = new InMemoryTier();
        await tier.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Read(tier, "a"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await tier.SetAsync([Entry("a", 1)]));
    }

    [Fact]
    public void Payloads_are_forgotten_when_the_receiver_is_used_again()
    {
        using var found = new TierPayloads(1);
        found.Buffer(0).GetSpan(1)[0] = 1;
        found.Buffer(0).Advance(0);
        found.Found(0);
        Assert.True(found.TryGet(0, out _));
        found.Reset(2);
        Assert.False(found.TryGet(0, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => found.TryGet(2, out _));
    }

    private static TierEntry Entry(string key, byte value) => new(new(key), new byte[] { value }, DateTimeOffset.MaxValue);

    private static async Task<byte[]?> Read(InMemoryTier tier, string key)
    {
        using var found = new TierPayloads(1);
        await tier.GetAsync([new(key)], found);
        return found.TryGet(0, out var payload) ? payload.ToArray() : null;
    }
}
