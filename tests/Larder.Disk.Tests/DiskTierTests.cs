namespace Larder.Disk.Tests;

public sealed class DiskTierTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_finds_what_was_written_by_position()
    {
        await using var tier = await _folder.OpenAsync();
        await tier.SetAsync([new(new("a"), new byte[] { 1 }, DateTimeOffset.MaxValue), new(new("c"), ReadOnlyMemory<byte>.Empty, DateTimeOffset.MaxValue)]);
        using var found = new TierPayloads(3);
        await tier.GetAsync([new("a"), new("b"), new("c")], found);
        Assert.True(found.TryGet(0, out var a) && a.Span is [1]);
        Assert.False(found.TryGet(1, out _));
        Assert.True(found.TryGet(2, out var c) && c.IsEmpty);
    }

    [Fact]
    public async Task The_last_write_counts_and_a_removal_too()
    {
        await using var tier = await _folder.OpenAsync();
        for (int round = 0; round < 3; round++)
        {
            await tier.Set(1, round, length: 100 + (50 * round));
            Assert.Equal(Tiers.Value(1, round, 100 + (50 * round)), await tier.Get(1));
        }

        await tier.RemoveAsync([Tiers.Key(1), Tiers.Key(2)]);
        Assert.Null(await tier.Get(1));
        await tier.Set(1, 9);
        Assert.Equal(Tiers.Value(1, 9), await tier.Get(1));
    }

    [Fact]
    public async Task An_entry_ends_at_its_instant()
    {
        await using var tier = await _folder.OpenAsync();
        await tier.SetAsync([new(new("a"), new byte[] { 1 }, _folder.Clock.GetUtcNow().AddSeconds(10))]);
        _folder.Clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        using var found = new TierPayloads(1);
        await tier.GetAsync([new("a")], found);
        Assert.True(found.TryGet(0, out _));
        _folder.Clock.Advance(TimeSpan.FromTicks(1));
        found.Reset(1);
        await tier.GetAsync([new("a")], found);
        Assert.False(found.TryGet(0, out _));
    }

    [Fact]
    public async Task An_entry_too_large_or_ended_already_removes_what_was_there()
    {
        await using var tier = await _folder.OpenAsync();
        await tier.Set(1);
        await tier.SetAsync([new(Tiers.Key(1), new byte[1 << 20], DateTimeOffset.MaxValue)]);
        Assert.Null(await tier.Get(1));
        Assert.Equal(1, tier.Statistics.Refused);
        await tier.Set(1);
        await tier.SetAsync([new(Tiers.Key(1), new byte[1], _folder.Clock.GetUtcNow())]);
        Assert.Null(await tier.Get(1));
    }

    [Fact]
    public async Task What_memory_cannot_hold_is_read_from_the_device()
    {
        await using var tier = await _folder.OpenAsync();
        const int count = 25_000; // Some 6 MiB, through 1 MiB of memory.
        for (int key = 0; key < count; key++) await tier.Set(key);
        for (int key = 0; key < count; key += 97) Assert.Equal(Tiers.Value(key), await tier.Get(key));

        // A batch is one round to the device.
        var keys = Enumerable.Range(0, 500).Select(i => Tiers.Key(i * 50)).Append(Tiers.Key(-1)).ToList();
        using var found = new TierPayloads(keys.Count);
        await tier.GetAsync(keys, found);
        for (int i = 0; i < 500; i++) Assert.True(found.TryGet(i, out var payload) && payload.Span.SequenceEqual(Tiers.Value(i * 50)));
        Assert.False(found.TryGet(500, out _));
        Assert.Equal(0, tier.Statistics.Unreadable);
    }

    [Fact]
    public async Task More_calls_at_once_than_there_are_sessions_wait_for_each_other_and_all_end()
    {
        await using var tier = await _folder.OpenAsync();
        const int count = 20_000; // Most of it on the device only.
        for (int key = 0; key < count; key++) await tier.Set(key);
        for (int round = 0; round < 5; round++)
        {
            Task<byte[]?>[] reads = [.. Enumerable.Range(0, 2000).Select(i => tier.Get((i * 7) + round))];
            byte[]?[] values = await Task.WhenAll(reads).WaitAsync(TimeSpan.FromSeconds(60));
            for (int i = 0; i < values.Length; i++) Assert.Equal(Tiers.Value((i * 7) + round), values[i]);
        }
    }

    [Fact]
    public async Task Clearing_leaves_nothing_even_after_a_restart()
    {
        await using (var tier = await _folder.OpenAsync())
        {
            for (int key = 0; key < 10_000; key++) await tier.Set(key);
            await tier.ClearAsync();
            for (int key = 0; key < 10_000; key += 500) Assert.Null(await tier.Get(key));
            await tier.Set(1);
            Assert.Equal(Tiers.Value(1), await tier.Get(1));
        }

        await using var again = await _folder.OpenAsync();
        Assert.Equal(Tiers.Value(1), await again.Get(1));
        for (int key = 2; key < 10_000; key += 500) Assert.Null(await again.Get(key));
    }

    [Fact]
    public async Task The_disk_stays_within_its_bound_and_the_oldest_goes()
    {
        await using var tier = await _folder.OpenAsync();
        const int count = 200_000; // Some 48 MiB into 16.
        for (int key = 0; key < count; key++)
        {
            await tier.Set(key);
            if (key % 5000 == 0) Assert.InRange(_folder.BytesOfSegments(), 0, DiskTierOptions.SmallestDisk);
        }

        await tier.CheckpointAsync();
        Assert.InRange(_folder.BytesOfSegments(), 1, DiskTierOptions.SmallestDisk);
        Assert.Null(await tier.Get(0));
        for (int key = count - 30_000; key < count; key += 101) Assert.Equal(Tiers.Value(key), await tier.Get(key));
    }

    [Fact]
    public async Task Many_at_once_read_their_own_writes()
    {
        await using var tier = await _folder.OpenAsync();
        var workers = Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 4000; i++)
            {
                int key = (worker * 1_000_000) + random.Next(3000);
                await tier.Set(key, i);
                Assert.Equal(Tiers.Value(key, i), await tier.Get(key));
                if (random.Next(10) == 0)
                {
                    await tier.RemoveAsync([Tiers.Key(key)]);
                    Assert.Null(await tier.Get(key));
                }
            }
        }));
        await Task.WhenAll(workers);
        Assert.Equal(0, tier.Statistics.Unreadable);
    }

    [Fact]
    public async Task Keys_written_by_all_hold_what_one_of_them_wrote()
    {
        await using var tier = await _folder.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 5000; i++)
            {
                int key = random.Next(20);
                if (random.Next(2) == 0) await tier.Set(key, random.Next(50), 40 + random.Next(400));
                else if (random.Next(8) == 0) await tier.RemoveAsync([Tiers.Key(key)]);
                else if (await tier.Get(key) is { } value) Assert.Equal(Tiers.Value(key, BitConverter.ToInt32(value, 4), value.Length), value);
            }
        })));
        Assert.Equal(0, tier.Statistics.Unreadable);
    }

    [Fact]
    public async Task What_the_receiver_throws_reaches_the_caller_and_harms_nothing()
    {
        await using var tier = await _folder.OpenAsync();
        for (int key = 0; key < 10_000; key++) await tier.Set(key); // The first ones are on the device by now.
        foreach (int key in new[] { 0, 9_999 })
        {
            var error = await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await tier.GetAsync([Tiers.Key(key)], new Thrower()));
            Assert.Equal("thrown", error.Message);
            Assert.Equal(Tiers.Value(key), await tier.Get(key));
        }
    }

    [Fact]
    public async Task A_closed_tier_says_so_and_closing_twice_is_fine()
    {
        var tier = await _folder.OpenAsync();
        await tier.DisposeAsync();
        await tier.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => tier.Get(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await tier.Set(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await tier.ClearAsync());
        Assert.Throws<ObjectDisposedException>(() => tier.Statistics);
    }

    [Fact]
    public async Task Closing_waits_for_the_calls_that_run()
    {
        var tier = await _folder.OpenAsync();
        var calls = Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            int last = -1;
            try
            {
                for (int i = 0; i < 100_000; i++)
                {
                    await tier.Set((worker * 1_000_000) + (i % 10_000), i);
                    last = i;
                }
            }
            catch (ObjectDisposedException)
            {
                // It was closed in between, as it should.
            }

            return last;
        })).ToArray();
        await tier.Set(-1);
        await tier.DisposeAsync();
        int[] last = await Task.WhenAll(calls);
        await using var again = await _folder.OpenAsync();
        for (int worker = 0; worker < 4; worker++)
            if (last[worker] >= 0) Assert.Equal(Tiers.Value((worker * 1_000_000) + (last[worker] % 10_000), last[worker]), await again.Get((worker * 1_000_000) + (last[worker] % 10_000)));
    }

    [Fact]
    public async Task Faulty_options_are_all_named()
    {
        var options = _folder.Options with { Directory = " ", MemorySize = 1, CheckpointInterval = TimeSpan.Zero };
        string message = (await Assert.ThrowsAsync<ArgumentException>(async () => await DiskTier.OpenAsync(options))).Message;
        Assert.Contains("Directory is ' '", message, StringComparison.Ordinal);
        Assert.Contains("MemorySize is 1; it must be between", message, StringComparison.Ordinal);
        Assert.Contains("CheckpointInterval is 00:00:00; it must be above zero", message, StringComparison.Ordinal);
    }

    private sealed class Thrower : ITierReceiver
    {
        public System.Buffers.IBufferWriter<byte> Buffer(int index) => throw new InvalidTimeZoneException("thrown");

        public void Found(int index) { }
    }
}
