namespace Larder.Contracts;

/// <summary>What every <see cref="ICacheTier"/> promises. Derive from it, and give it an empty tier.</summary>
public abstract class CacheTierContract
{
    /// <summary>An empty tier, which each test disposes.</summary>
    protected abstract ValueTask<ICacheTier> OpenAsync();

    /// <summary>How many bytes of payload it takes at least.</summary>
    protected virtual int Large => 100_000;

    [Fact]
    public async Task It_finds_what_was_written_by_the_positions_of_the_keys()
    {
        await using var tier = await OpenAsync();
        await tier.SetAsync([Entry("a", 1, 2), Entry("c"), Entry("d", 4)], Cancel);
        Assert.Equal(["1,2", "none", "", "4"], await Read(tier, "a", "b", "c", "d"));
        Assert.False(string.IsNullOrWhiteSpace(tier.Name));
    }

    [Fact]
    public async Task A_later_write_replaces_an_earlier_one_in_one_batch_too()
    {
        await using var tier = await OpenAsync();
        await tier.SetAsync([Entry("a", 1), Entry("a", 2)], Cancel);
        Assert.Equal(["2"], await Read(tier, "a"));
        await tier.SetAsync([Entry("a", 3)], Cancel);
        Assert.Equal(["3"], await Read(tier, "a"));
    }

    [Fact]
    public async Task A_key_asked_for_twice_is_found_twice()
    {
        await using var tier = await OpenAsync();
        await tier.SetAsync([Entry("a", 1)], Cancel);
        Assert.Equal(["1", "1"], await Read(tier, "a", "a"));
    }

    [Fact]
    public async Task What_is_removed_is_gone_and_what_is_not_there_does_not_matter()
    {
        await using var tier = await OpenAsync();
        await tier.SetAsync([Entry("a", 1), Entry("b", 2)], Cancel);
        await tier.RemoveAsync([new("a"), new("x"), new("a")], Cancel);
        Assert.Equal(["none", "2"], await Read(tier, "a", "b"));
    }

    [Fact]
    public async Task What_was_loaded_is_written_only_over_the_state_that_the_key_had_before()
    {
        await using var tier = await OpenAsync();
        if (await Stamp(tier) is null) return; // It does not promise this.
        var changes = new (Func<Task> Make, string After)[]
        {
            (() => Task.CompletedTask, "9"),
            (() => tier.SetAsync([Entry("a", 2)], Cancel).AsTask(), "2"),
            (() => tier.RemoveAsync([new("a")], Cancel).AsTask(), "none"),
            (() => tier.ClearAsync(Cancel).AsTask(), "none"),
        };
        foreach (var (make, after) in changes)
        {
            foreach (var prepare in changes)
            {
                await prepare.Make();
                var stamp = await Stamp(tier);
                await make();
                await tier.SetAsync([Entry("a", 9) with { Over = stamp }], Cancel);
                Assert.Equal([after], await Read(tier, "a"));
            }
        }
    }

    [Fact]
    public async Task What_was_loaded_unasked_is_written_only_where_there_is_nothing()
    {
        await using var tier = await OpenAsync();
        if (await Stamp(tier) is null) return; // It does not promise this.
        await tier.SetAsync([Entry("a", 9) with { Over = TierStamp.Nothing }, Entry("b", 1)], Cancel);
        await tier.SetAsync([Entry("b", 9) with { Over = TierStamp.Nothing }], Cancel);
        Assert.Equal(["9", "1"], await Read(tier, "a", "b"));
    }

    [Fact]
    public async Task Empty_batches_do_nothing()
    {
        await using var tier = await OpenAsync();
        await tier.SetAsync([], Cancel);
        await tier.RemoveAsync([], Cancel);
        Assert.Empty(await Read(tier));
    }

    [Fact]
    public async Task An_entry_whose_time_has_passed_removes_what_was_there()
    {
        await using var tier = await OpenAsync();
        await tier.SetAsync([Entry("a", 1)], Cancel);
        await tier.SetAsync([new(new("a"), new byte[] { 2 }, DateTimeOffset.UnixEpoch)], Cancel);
        Assert.Equal(["none"], await Read(tier, "a"));
    }

    [Fact]
    public async Task Clearing_removes_everything_and_what_is_written_later_stays()
    {
        await using var tier = await OpenAsync();
        await tier.SetAsync([Entry("a", 1), Entry("b", 2)], Cancel);
        await tier.ClearAsync(Cancel);
        Assert.Equal(["none", "none"], await Read(tier, "a", "b"));
        await tier.SetAsync([Entry("a", 3)], Cancel);
        Assert.Equal(["3", "none"], await Read(tier, "a", "b"));
    }

    [Fact]
    public async Task Keys_and_payloads_are_bytes_of_any_kind()
    {
        await using var tier = await OpenAsync();
        string[] keys = ["", " ", "a b", "ä/ß:ÿ", "{a}", "line\nbreak", new('k', 200)];
        for (int i = 0; i < keys.Length; i++) await tier.SetAsync([Entry($"k{keys[i]}", 0, 13, 10, 255, (byte)i)], Cancel);
        Assert.Equal(keys.Select(static (_, i) => $"0,13,10,255,{i}"), await Read(tier, [.. keys.Select(static key => $"k{key}")]));
    }

    [Fact]
    public async Task Keys_that_are_no_text_are_kept_apart()
    {
        await using var tier = await OpenAsync();
        byte[][] keys = [[0xFF, 1], [0xFE, 1], [0xEF, 0xBF, 0xBD, 1], [.. "%FF%01"u8], [.. "%"u8], [0x25, 0], [0x7F], [.. " "u8]];
        await tier.SetAsync([.. keys.Select(static (key, i) => new TierEntry(new(key), new[] { (byte)i }, DateTimeOffset.MaxValue))], Cancel);
        using var found = new TierPayloads(keys.Length);
        await tier.GetAsync([.. keys.Select(static key => new TierKey(key))], found, Cancel);
        for (int i = 0; i < keys.Length; i++) Assert.True(found.TryGet(i, out var payload) && payload.Span[0] == i, $"Key {i} has another's value, or none.");
    }

    [Fact]
    public async Task Payloads_may_lie_in_pieces_and_be_large()
    {
        await using var tier = await OpenAsync();
        byte[] large = [.. Enumerable.Range(0, Large).Select(static i => (byte)(i * 7))];
        await tier.SetAsync([new(new("large"), Pieces.Of(large, 1_000), DateTimeOffset.MaxValue)], Cancel);
        using var found = new TierPayloads(1);
        await tier.GetAsync([new("large")], found, Cancel);
        Assert.True(found.TryGet(0, out var payload));
        Assert.True(payload.Span.SequenceEqual(large));
    }

    [Fact]
    public async Task The_callers_bytes_are_the_callers_again_when_a_call_has_ended()
    {
        await using var tier = await OpenAsync();
        byte[] key = "mine"u8.ToArray(), payload = [1, 2, 3];
        await tier.SetAsync([new(new(key), payload, DateTimeOffset.MaxValue)], Cancel);
        Array.Clear(key);
        Array.Clear(payload);
        Assert.Equal(["1,2,3"], await Read(tier, "mine"));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_begins_does_nothing()
    {
        await using var tier = await OpenAsync();
        var cancelled = new CancellationToken(canceled: true);
        await tier.SetAsync([Entry("a", 1)], Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tier.SetAsync([Entry("a", 2)], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tier.RemoveAsync([new("a")], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await tier.ClearAsync(cancelled));
        Assert.Equal(["1"], await Read(tier, "a"));
    }

    [Fact]
    public async Task Callers_at_the_same_time_get_their_own_keys_values()
    {
        await using var tier = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (int round = 0; round < 50; round++)
            {
                string key = $"{worker}/{round % 5}";
                await tier.SetAsync([Entry(key, (byte)worker, (byte)round)], Cancel);
                Assert.Equal([$"{worker},{round}"], await Read(tier, key));
                if (round % 7 == 0) await tier.RemoveAsync([new(key)], Cancel);
            }
        })));
    }

    [Fact]
    public async Task Removing_by_prefix_leaves_all_other_keys()
    {
        await using var tier = await OpenAsync();
        if (tier is not IPrefixTier prefixed) return; // It does not promise this.
        await tier.SetAsync([Entry("a/1", 1), Entry("a/2", 2), Entry("b/1", 3), Entry("ab", 4), Entry("c/1", 5)], Cancel);
        Assert.Equal(3, await prefixed.RemovePrefixesAsync([new("a/"), new("c/"), new("none/")], Cancel));
        Assert.Equal(["none", "none", "3", "4", "none"], await Read(tier, "a/1", "a/2", "b/1", "ab", "c/1"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static TierEntry Entry(string key, params byte[] payload) => new(new(key), payload, DateTimeOffset.MaxValue);

    // Null from a tier that does not tell.
    private static async Task<TierStamp?> Stamp(ICacheTier tier)
    {
        using var found = new TierPayloads(1);
        await tier.GetAsync([new("a")], found, Cancel);
        return found.StampOf(0);
    }

    // The payloads as text, "none" for what was not found.
    private static async Task<string[]> Read(ICacheTier tier, params string[] keys)
    {
        using var found = new TierPayloads(keys.Length);
        await tier.GetAsync([.. keys.Select(static key => new TierKey(key))], found, Cancel);
        return [.. keys.Select((_, i) => found.TryGet(i, out var payload) ? string.Join(',', payload.ToArray()) : "none")];
    }
}
