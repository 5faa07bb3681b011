using System.Buffers.Binary;
using Larder.TestKit;
using Larder.Tiers;

namespace Larder.Tests.Tiers;

public sealed class TagTierTests
{
    private readonly FakeClock _clock = new();

    private static readonly Func<LoadRequest<string, string>, ValueTask<Loaded<string>>> _tagged =
        static request => new(new Loaded<string>($"loaded {request.Key}") { Tags = ["all", $"only {request.Key}"] });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_bears_a_removed_tag_is_gone_from_the_tier_in_this_run_and_in_the_next(bool isShared)
    {
        var tier = new InMemoryTier(timeProvider: _clock, isShared: isShared);
        await using (var shop = new TieredShop([new(tier) { IsOwned = false }], _clock) { Answers = _tagged })
        {
            foreach (string key in new[] { "a", "b" }) await shop.Cache.GetAsync(key);
            await shop.Cache.SetAsync("c", "set", tags: ["only a"]);
            await shop.Cache.SetAsync("d", "without");
            await shop.Settled();
            await shop.Cache.RemoveByTagAsync("only a");
        }

        await using var next = new TieredShop([new(tier) { IsOwned = false }], _clock) { Answers = static _ => new(Loaded<string>.Absent) };
        Assert.Equal(
            [ReadStatus.Absent, ReadStatus.Hit, ReadStatus.Absent, ReadStatus.Hit],
            [(await next.Cache.ReadAsync("a")).Status, (await next.Cache.ReadAsync("b")).Status, (await next.Cache.ReadAsync("c")).Status, (await next.Cache.ReadAsync("d")).Status]);
        Assert.Equal("loaded b", next.Cache.Peek("b").Value);
        await next.Cache.RemoveByTagAsync("all"); // Its tags came along from the tier.
        Assert.False(next.Cache.Contains("b"));
        Assert.True(next.Cache.Contains("d"));
        Assert.Equal(ReadStatus.Absent, (await next.Cache.ReadAsync("b")).Status);
    }

    [Fact]
    public async Task What_is_written_after_the_removal_is_found_in_the_next_run()
    {
        var tier = new InMemoryTier(timeProvider: _clock);
        await using (var shop = new TieredShop([new(tier) { IsOwned = false }], _clock) { Answers = _tagged })
        {
            await shop.Cache.SetAsync("a", "before", tags: ["all"]);
            await shop.Cache.RemoveByTagAsync("all");
            await shop.Cache.SetAsync("a", "after", tags: ["all"]);
        }

        await using var next = new TieredShop([new(tier) { IsOwned = false }], _clock);
        Assert.Equal("after", await next.Cache.GetAsync("a"));
        Assert.Equal(0, next.Calls);
    }

    [Fact]
    public async Task An_absence_with_tags_comes_back_from_a_tier_with_them()
    {
        var tier = new InMemoryTier(timeProvider: _clock);
        await using (var shop = new TieredShop([new(tier) { IsOwned = false }], _clock) { Answers = static _ => new(Loaded<string>.Absent with { Tags = ["all"] }) })
            await shop.Cache.ReadAsync("a");
        await using var next = new TieredShop([new(tier) { IsOwned = false }], _clock);
        Assert.Equal(ReadStatus.Absent, (await next.Cache.ReadAsync("a")).Status);
        await next.Cache.RemoveByTagAsync("all");
        Assert.Equal("new a", await next.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task What_is_copied_into_an_upper_tier_bears_the_stamps_of_that()
    {
        var lower = new InMemoryTier(timeProvider: _clock, name: "lower");
        await using (var shop = new TieredShop([new(lower) { IsOwned = false }], _clock) { Answers = _tagged }) await shop.Cache.GetAsync("a");
        var upper = new InMemoryTier(timeProvider: _clock, name: "upper");
        await using (var shop = new TieredShop([new(upper) { IsOwned = false }, new(lower) { IsOwned = false }], _clock)) Assert.Equal("loaded a", await shop.Cache.GetAsync("a"));
        await using (var shop = new TieredShop([new(upper) { IsOwned = false }], _clock)) Assert.Equal("upper", (await shop.Cache.ReadAsync("a")).Tier);
        await using (var shop = new TieredShop([new(upper) { IsOwned = false }, new(lower) { IsOwned = false }], _clock)) await shop.Cache.RemoveByTagAsync("all");
        await using (var shop = new TieredShop([new(upper) { IsOwned = false }, new(lower) { IsOwned = false }], _clock)) Assert.Equal("new a", await shop.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task A_stamp_that_the_tier_has_lost_costs_a_load_and_brings_nothing_back()
    {
        var tier = new InMemoryTier(timeProvider: _clock);
        await using (var shop = new TieredShop([new(tier) { IsOwned = false }], _clock) { Answers = _tagged }) await shop.Cache.GetAsync("a");
        await tier.RemoveAsync([new("shop/!tag/all")]);
        await using var next = new TieredShop([new(tier) { IsOwned = false }], _clock);
        Assert.Equal("new a", await next.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task A_removal_that_the_tier_could_not_be_told_is_told_when_it_is_back()
    {
        var inner = new InMemoryTier(timeProvider: _clock);
        var flaky = new SwitchedTier(inner);
        await using (var shop = new TieredShop([new(flaky) { IsOwned = false, Breaker = new() { OpenDuration = TimeSpan.FromSeconds(1), FailureThreshold = 1, SuccessThreshold = 1, HalfOpenProbes = 1 } }], _clock) { Answers = _tagged })
        {
            await shop.Cache.GetAsync("a");
            await shop.Cache.GetAsync("b");
            await shop.Settled();
            flaky.IsDown = true;
            await shop.Cache.RemoveByTagAsync("all");
            shop.Answers = static request => new($"new {request.Key}");
            Assert.Equal("new a", await shop.Cache.GetAsync("a"));
            flaky.IsDown = false;
            await shop.Recovered();
        }

        await using var next = new TieredShop([new(flaky) { IsOwned = false }], _clock) { Answers = static request => new($"next {request.Key}") };
        Assert.Equal(("new a", "next b"), (await next.Cache.GetAsync("a"), await next.Cache.GetAsync("b")));
    }

    [Fact]
    public async Task Without_a_channel_another_process_believes_the_shared_tier_within_a_second()
    {
        var store = new InMemoryTier(timeProvider: _clock, name: "shared", isShared: true);
        await using var one = Open();
        await using var other = Open();
        Assert.Equal("loaded a", await one.Cache.GetAsync("a"));
        await one.Settled();
        Assert.Equal("shared", (await other.Cache.ReadAsync("a")).Tier);
        await one.Cache.RemoveByTagAsync("all");
        Assert.True(other.Cache.Contains("a")); // Nobody tells it.
        _clock.Advance(TimeSpan.FromSeconds(1));
        other.Answers = static _ => new("anew");
        Assert.Equal("anew", (await other.Cache.ReadAsync("a", Skip.MemoryRead)).Value);

        TieredShop Open() => new([new(store) { IsOwned = false }], _clock) { Answers = _tagged };
    }

    [Fact]
    public void Tags_behind_a_payload_come_back_and_mutated_ones_are_read_or_refused()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        using var buffer = new EnvelopeBuffer();
        for (int i = 0; i < 20_000; i++)
        {
            buffer.Clear();
            byte[] payload = new byte[random.Next(40)];
            payload.CopyTo(buffer.GetSpan(payload.Length + 1));
            buffer.Advance(payload.Length);
            TagSet tags = [.. Enumerable.Range(0, random.Next(1, 5)).Select(n => $"tag {n} é")];
            var envelope = buffer.Seal(new(EnvelopeHeader.HashOf("shop"), 0, 1, 2, 3, 4), tags: tags).ToArray();
            TierValues.Restamp(envelope, (ulong)i);
            Assert.Equal(EnvelopeFault.None, Envelope.Read(envelope, out var header));
            Assert.True(TagTrailer.TryRead(envelope.AsSpan(Envelope.HeaderLength), header, out var read, out ulong stamp, out int trailer));
            Assert.Equal((tags, (ulong)i, payload.Length), (read, stamp, envelope.Length - Envelope.HeaderLength - trailer));
            int at = random.Next(Envelope.HeaderLength, envelope.Length);
            envelope[at] = (byte)random.Next(256);
            if (random.Next(4) == 0) BinaryPrimitives.WriteInt32LittleEndian(envelope.AsSpan(envelope.Length - 4), random.Next());
            if (TagTrailer.TryRead(envelope.AsSpan(Envelope.HeaderLength, random.Next(envelope.Length - Envelope.HeaderLength)), header, out _, out _, out int length))
                Assert.InRange(length, 12, envelope.Length);
        }
    }

    private sealed class SwitchedTier(InMemoryTier inner) : ICacheTier
    {
        public volatile bool IsDown;

        public string Name => "switched";

        public bool IsShared => false;

        public ValueTask GetAsync(IReadOnlyList<TierKey> keys, ITierReceiver receiver, CancellationToken cancellationToken = default) => Up().GetAsync(keys, receiver, cancellationToken);

        public ValueTask SetAsync(IReadOnlyList<TierEntry> entries, CancellationToken cancellationToken = default) => Up().SetAsync(entries, cancellationToken);

        public ValueTask RemoveAsync(IReadOnlyList<TierKey> keys, CancellationToken cancellationToken = default) => Up().RemoveAsync(keys, cancellationToken);

        public ValueTask ClearAsync(CancellationToken cancellationToken = default) => Up().ClearAsync(cancellationToken);

        public ValueTask DisposeAsync() => default;

        private InMemoryTier Up() => IsDown ? throw new IOException("It is down.") : inner;
    }
}
