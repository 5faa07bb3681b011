using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Larder.TestKit;

namespace Larder.Tests.Tiers;

/// <summary>Payloads that are changed before they leave the process: here encrypted, as in the example of docs/concepts/tiers.md.</summary>
public sealed class TransformTests : IAsyncDisposable
{
    private static readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    private readonly FakeClock _clock = new();
    private readonly InMemoryTier _tier;

    public TransformTests() => _tier = new(timeProvider: _clock);

    [Fact]
    public async Task What_a_tier_keeps_is_encrypted_and_comes_back()
    {
        await using (var shop = Over(new Encryption(_secret)))
        {
            await shop.Cache.SetAsync("a", "plain text");
            await shop.Cache.SetAsync("b", "");
            await shop.Cache.SetAbsentAsync("c");
        }

        Assert.DoesNotContain("plain", Encoding.Latin1.GetString(await Stored("a")), StringComparison.Ordinal);
        await using var again = Over(new Encryption(_secret));
        Assert.Equal(("plain text", ""), (await again.Cache.GetAsync("a"), await again.Cache.GetAsync("b")));
        Assert.Equal(ReadStatus.Absent, (await again.Cache.ReadAsync("c")).Status);
        Assert.Equal(0, again.Calls);
    }

    [Fact]
    public async Task It_is_packed_first_for_afterwards_it_would_not_shrink()
    {
        string value = new('x', 20_000);
        await using (var shop = Over(new Encryption(_secret), new CompressionOptions())) await shop.Cache.SetAsync("a", value);
        Assert.InRange((await Stored("a")).Length, 100, 1000);
        await using var again = Over(new Encryption(_secret));
        Assert.Equal((value, 0), (await again.Cache.GetAsync("a"), again.Calls));
    }

    [Fact]
    public async Task What_was_made_with_another_secret_or_for_another_key_is_a_counted_miss_and_is_removed()
    {
        await using (var shop = Over(new Encryption(_secret)))
        {
            await shop.Cache.SetAsync("a", "of a");
            await shop.Cache.SetAsync("b", "of b");
        }

        await _tier.SetAsync([new(TieredShop.Name("a"), await Stored("b"), DateTimeOffset.MaxValue)]);
        await using (var swapped = Over(new Encryption(_secret)))
        {
            Assert.Equal("new a", await swapped.Cache.GetAsync("a"));
            Assert.Equal(1, swapped.Tier(0).Unreadable);
        }

        await using var stranger = Over(new Encryption(RandomNumberGenerator.GetBytes(32)));
        Assert.Equal("new b", await stranger.Cache.GetAsync("b"));
        Assert.Equal(1, stranger.Tier(0).Unreadable);
    }

    [Fact]
    public async Task Programs_with_and_without_a_transform_miss_each_others_entries_and_leave_them_alone()
    {
        await using (var plain = Over(null)) await plain.Cache.SetAsync("a", "plain");
        await using (var closed = Over(new Encryption(_secret)))
        {
            closed.Answers = static _ => throw new IOException();
            await Assert.ThrowsAsync<IOException>(async () => await closed.Cache.GetAsync("a"));
            Assert.Equal(0, closed.Tier(0).Unreadable);
            closed.Answers = static _ => new("closed");
            await closed.Cache.GetAsync("b");
        }

        await using var again = Over(null);
        Assert.Equal(("plain", "new b"), (await again.Cache.GetAsync("a"), await again.Cache.GetAsync("b")));
    }

    [Fact]
    public async Task A_value_that_it_refuses_passes_the_tiers_by()
    {
        await using var shop = Over(new Refusing());
        await shop.Cache.SetAsync("a", "x");
        Assert.Equal((1, 0), ((int)shop.Tier(0).PassedBy, _tier.Count));
        Assert.Equal("x", await shop.Cache.GetAsync("a"));
    }

    [Fact]
    public async Task The_codec_may_change_and_older_entries_are_read_nevertheless()
    {
        string value = string.Concat(Enumerable.Repeat("again and again ", 500));
        CompressionOptions?[] ways = [null, new() { Codec = PayloadCodec.Brotli }, new() { Codec = PayloadCodec.Deflate }];
        foreach (var written in ways)
        {
            await using (var shop = Over(null, written)) await shop.Cache.SetAsync("a", value);
            foreach (var read in ways)
            {
                await using var shop = Over(null, read);
                Assert.Equal((value, 0), (await shop.Cache.GetAsync("a"), shop.Calls));
            }
        }

        // More than is allowed is not unpacked.
        await using var careful = new TieredShop([new(_tier) { IsOwned = false }], _clock, static options => options with { Payloads = new() { MaxLength = 100 } });
        Assert.Equal("new a", await careful.Cache.GetAsync("a"));
        Assert.Equal(1, careful.Tier(0).Unreadable);
    }

    public async ValueTask DisposeAsync() => await _tier.DisposeAsync();

    private TieredShop Over(IPayloadTransform? transform, CompressionOptions? compression = null) => new([new(_tier) { IsOwned = false }], _clock,
        options => options with { Payloads = new() { Transform = transform, Compression = compression } });

    private async Task<byte[]> Stored(string key)
    {
        using var found = new TierPayloads(1);
        await _tier.GetAsync([TieredShop.Name(key)], found);
        Assert.True(found.TryGet(0, out ReadOnlyMemory<byte> payload));
        return payload.ToArray();
    }

    private sealed class Refusing : IPayloadTransform
    {
        public void Apply(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> key, IBufferWriter<byte> target) => throw new CryptographicException();

        public void Undo(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> key, IBufferWriter<byte> target) => throw new CryptographicException();
    }
}
