using System.Text.Json;

namespace Larder.Tests.Writing;

public sealed class WriteBehindTests
{
    private static readonly WriteBehindOptions<int, string> _everySecond = new() { Interval = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task The_newest_write_of_each_key_reaches_the_source_after_the_interval()
    {
        await using var ledger = new Ledger(_everySecond);
        for (int i = 0; i < 5; i++)
        {
            await ledger.Set(1, $"a{i}");
            await ledger.Set(2, $"b{i}");
        }

        await ledger.Cache.RemoveAsync(2);
        Assert.Empty(ledger.Written);
        Assert.Equal((2, 11, 9), (ledger.Cache.WritingStatistics.Waiting, ledger.Cache.WritingStatistics.Taken, ledger.Cache.WritingStatistics.Coalesced));
        await ledger.Until(() => ledger.Cache.WritingStatistics.Waiting == 0);
        Assert.Equal([new(1, "a4"), new(2, null, IsRemoval: true)], ledger.Written);
        Assert.Equal([2], ledger.Batches);
    }

    [Fact]
    public async Task A_reader_sees_what_waits_though_memory_has_lost_it()
    {
        await using var ledger = new Ledger(_everySecond with { Interval = TimeSpan.FromHours(1) });
        await ledger.Set(1, "pending");
        await ledger.Set(2, "pending");
        await ledger.Cache.RemoveAsync(2);
        ledger.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.False(ledger.Cache.Contains(1));
        var read = await ledger.Cache.ReadAsync(1);
        Assert.Equal(("pending", ReadStatus.Hit, "writing"), (read.Value, read.Status, read.Tier));
        Assert.Equal(ReadStatus.Absent, (await ledger.Cache.ReadAsync(2)).Status);
        Assert.Equal(0, ledger.Cache.Statistics.Loads);
    }

    [Fact]
    public async Task What_waits_keeps_its_tags_though_memory_has_lost_it()
    {
        await using var ledger = new Ledger(_everySecond with { Interval = TimeSpan.FromHours(1) }, change: static options => options with { TagsOf = static (_, value) => [$"of-{value}"] });
        await ledger.Cache.SetAsync(1, "a", tags: ["given"]);
        foreach (string tag in (string[])["given", "of-a"])
        {
            ledger.Clock.Advance(TimeSpan.FromSeconds(30));
            Assert.Equal(("a", "writing"), await ledger.Cache.ReadAsync(1) is var read ? (read.Value, read.Tier) : default);
            Assert.True(ledger.Cache.Contains(1));
            await ledger.Cache.RemoveByTagAsync(tag);
            Assert.False(ledger.Cache.Contains(1));
        }
    }

    [Fact]
    public async Task Flushing_ends_when_the_source_has_what_was_written_before()
    {
        await using var ledger = new Ledger(_everySecond with { Interval = TimeSpan.FromHours(1), MaxBatch = 2 });
        for (int i = 0; i < 5; i++) await ledger.Set(i, "x");
        await ledger.Cache.FlushAsync();
        Assert.Equal(5, ledger.Written.Count);
        Assert.Equal([1, 2, 2], ledger.Batches.Order());
    }

    // Between a worker's last look at the queue and its end, somebody is in a hurry: nothing but the interval would have woken it.
    [Fact]
    public async Task Flushing_never_waits_for_the_interval_however_it_meets_the_workers()
    {
        await using var ledger = new Ledger(_everySecond with { Interval = TimeSpan.FromHours(1), MaxParallel = 1 });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(key => Task.Run(async () =>
        {
            for (int i = 0; i < 5000; i++)
            {
                await ledger.Set(key, "x");
                await ledger.Cache.FlushAsync().WaitAsync(TimeSpan.FromMinutes(1));
            }
        })));
    }

    [Fact]
    public async Task A_failing_source_is_tried_again_with_the_newest_write_and_one_poison_key_holds_up_nobody()
    {
        await using var ledger = new Ledger(_everySecond with { MaxAttempts = 4 });
        ledger.Writes = static (writes, _) => writes.Any(static w => w.Key == 13) ? throw new TimeZoneNotFoundException() : default;
        for (int i = 10; i < 20; i++) await ledger.Set(i, "x");
        await ledger.Until(() => ledger.Written.Count == 9 && ledger.Cache.WritingStatistics is { Waiting: 0, DeadLetters: 1, Written: 9 });
        Assert.DoesNotContain(ledger.Written, static w => w.Key == 13);
    }

    [Fact]
    public async Task A_source_that_comes_back_gets_everything_in_order_per_key()
    {
        await using var ledger = new Ledger(_everySecond);
        ledger.Writes = static (_, _) => throw new IOException();
        await ledger.Set(1, "first");
        await ledger.Until(() => ledger.Cache.WritingStatistics.Failures > 2);
        await ledger.Set(1, "second");
        Assert.True(ledger.Cache.WritingStatistics.Lag > TimeSpan.FromSeconds(1));
        ledger.Writes = static (_, _) => default;
        await ledger.Until(() => ledger.Cache.WritingStatistics.Waiting == 0);
        Assert.Equal([new(1, "second")], ledger.Written);
    }

    [Fact]
    public async Task What_comes_while_a_write_of_the_key_is_under_way_is_written_after_it()
    {
        await using var ledger = new Ledger(_everySecond with { MaxParallel = 8 });
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ledger.Writes = (_, _) => new(gate.Task);
        await ledger.Set(1, "first");
        await ledger.Until(() => ledger.Batches.Count == 1);
        await ledger.Set(1, "second");
        var flushed = ledger.Cache.FlushAsync();
        Assert.Single(ledger.Batches);
        gate.SetResult();
        await flushed;
        Assert.Equal([new(1, "first"), new(1, "second")], ledger.Written);
    }

    [Fact]
    public async Task When_there_is_no_room_writers_wait_or_are_refused()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var waits = new Ledger(_everySecond with { MaxWaiting = 2 });
        waits.Writes = (_, _) => new(gate.Task);
        await waits.Set(1, "x");
        await waits.Set(2, "x");
        await waits.Set(2, "needs no room of its own");
        using var cancel = new CancellationTokenSource();
        var third = waits.Set(3, "x");
        var fourth = waits.Cache.SetAsync(4, "x", cancellationToken: cancel.Token).AsTask();
        Assert.False(third.IsCompleted || waits.Cache.Contains(3));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth);
        gate.SetResult();
        await waits.Until(() => third.IsCompletedSuccessfully);

        await using var refuses = new Ledger(_everySecond with { Interval = TimeSpan.FromHours(1), MaxWaiting = 1, RefusesWhenFull = true });
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        refuses.Writes = (_, _) => new(held.Task);
        await refuses.Set(1, "x");
        await Assert.ThrowsAsync<InvalidOperationException>(() => refuses.Set(2, "x"));
        Assert.False(refuses.Cache.Contains(2));
        Assert.Equal(1, refuses.Cache.WritingStatistics.Refused);
        held.SetResult();
    }

    [Fact]
    public async Task Disposal_writes_what_waits_and_gives_up_after_its_time()
    {
        var ledger = new Ledger(_everySecond with { Interval = TimeSpan.FromHours(1) });
        await ledger.Set(1, "x");
        await ledger.DisposeAsync();
        Assert.Equal([new(1, "x")], ledger.Written);

        var stuck = new Ledger(_everySecond with { FlushTimeout = TimeSpan.FromSeconds(3) });
        stuck.Writes = static (_, _) => throw new IOException();
        await stuck.Set(1, "x");
        var disposal = stuck.DisposeAsync().AsTask();
        await stuck.Until(() => disposal.IsCompleted);
        await disposal;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stuck.Set(1, "x"));
    }

    [Fact]
    public async Task Dead_letters_are_told_of_and_stand_in_a_file_that_people_can_read()
    {
        string file = Path.Combine(Path.GetTempPath(), $"larder-{Guid.NewGuid():N}", "dead.jsonl");
        List<DeadLetter<int, string>> told = [];
        try
        {
            await using var ledger = new Ledger(_everySecond with
            {
                MaxAttempts = 2,
                DeadLetterFile = file,
                OnDeadLetter = letter =>
                {
                    lock (told) told.Add(letter);
                    throw new TimeZoneNotFoundException();
                },
            });
            ledger.Writes = static (_, _) => throw new IOException("no");
            await ledger.Set(1, "grüße");
            await ledger.Cache.RemoveAsync(2);
            await ledger.Until(() => ledger.Cache.WritingStatistics.DeadLetters == 2 && File.Exists(file) && File.ReadAllLines(file).Length == 2);
            Assert.Equal([(1, 2), (2, 2)], told.Select(static letter => (letter.Write.Key, letter.Attempts)).Order());
            var lines = File.ReadAllLines(file).Select(static line => JsonDocument.Parse(line).RootElement).OrderBy(static line => line.GetProperty("key").GetString()).ToList();
            Assert.Equal(("grüße", "System.IO.IOException: no"), (lines[0].GetProperty("value").GetString(), lines[0].GetProperty("error").GetString()));
            Assert.True(lines[1].GetProperty("isRemoval").GetBoolean());
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public async Task A_million_writes_over_ten_thousand_keys_reach_the_source_as_at_most_a_twentieth()
    {
        await using var ledger = new Ledger(_everySecond);
        var random = new Random(1);
        for (int i = 0; i < 1_000_000; i++)
        {
            await ledger.Set(random.Next(10_000), "x");
            if (i % 250_000 == 0) await ledger.Cache.FlushAsync();
        }

        await ledger.Cache.FlushAsync();
        Assert.InRange(ledger.Written.Count, 1, 50_000);
    }

    [Fact]
    public void Options_that_cannot_work_are_all_named()
    {
        var error = Assert.Throws<ArgumentException>(static () => new Ledger(new() { Interval = TimeSpan.Zero, MaxBatch = 0, MaxParallel = 0, MaxWaiting = 0, MaxAttempts = 0, FlushTimeout = TimeSpan.Zero, DeadLetterFile = " " }));
        foreach (string name in new[] { "Interval", "MaxBatch", "MaxParallel", "MaxWaiting", "MaxAttempts", "FlushTimeout", "DeadLetterFile" })
            Assert.Contains($"Writing.Behind.{name} is", error.Message, StringComparison.Ordinal);
    }
}
