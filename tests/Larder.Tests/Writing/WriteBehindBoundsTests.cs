namespace Larder.Tests.Writing;

/// <summary>What a queue of writes may hold, and for how long it may hold anybody up.</summary>
public sealed class WriteBehindBoundsTests
{
    private static readonly WriteBehindOptions<int, string> _everySecond = new() { Interval = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task Who_waits_for_a_flush_is_told_when_disposal_leaves_something_unwritten()
    {
        var stuck = new Ledger(_everySecond with { FlushTimeout = TimeSpan.FromSeconds(3) });
        stuck.Writes = static (_, _) => throw new IOException();
        await stuck.Set(1, "x");
        var flushed = stuck.Cache.FlushAsync();
        var disposal = stuck.DisposeAsync().AsTask();
        await stuck.Until(() => disposal.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => flushed.WaitAsync(TimeSpan.FromSeconds(30)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stuck.Cache.FlushAsync().WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_call_of_the_writer_that_takes_long_holds_up_its_own_keys_and_no_others()
    {
        await using var ledger = new Ledger(_everySecond with { MaxParallel = 2 });
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ledger.Writes = (writes, _) => writes[0].Key == 1 ? new(gate.Task) : default;
        await ledger.Set(1, "slow");
        await ledger.Until(() => ledger.Batches.Count == 1);
        await ledger.Set(2, "after the interval");
        await ledger.Until(() => ledger.Written.Count == 1);
        await ledger.Set(3, "x");
        await ledger.Set(1, "waits for the slow one");
        await ledger.Until(() => ledger.Written.Count == 2);
        Assert.Equal([2, 3], ledger.Written.Select(static write => write.Key));
        gate.SetResult();
        await ledger.Until(() => ledger.Written.Count == 4);
        Assert.Equal([new(1, "slow"), new(1, "waits for the slow one")], ledger.Written.Skip(2));
    }

    [Fact]
    public async Task Who_waits_for_room_or_for_a_turn_may_turn_away_and_leaves_nothing_behind()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var ledger = new Ledger(_everySecond with { MaxWaiting = 1 });
        ledger.Writes = (_, _) => new(gate.Task);
        await ledger.Set(1, "x");
        var second = ledger.Set(2, "waits for room");
        using var cancel = new CancellationTokenSource();
        Task[] turned =
        [
            ledger.Cache.SetAsync(2, "waits for the turn", cancellationToken: cancel.Token).AsTask(),
            ledger.Cache.RemoveAsync(2, cancel.Token).AsTask(),
            ledger.Cache.SetAsync(3, "waits for room", cancellationToken: cancel.Token).AsTask(),
        ];
        var third = ledger.Set(2, "comes in its turn");
        await cancel.CancelAsync();
        foreach (var one in turned) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.False(second.IsCompleted || third.IsCompleted);
        gate.SetResult();
        await ledger.Until(() => second.IsCompletedSuccessfully && third.IsCompletedSuccessfully);
        await ledger.Cache.FlushAsync();
        Assert.Equal("comes in its turn", ledger.Find(2));
        Assert.Null(ledger.Find(3));
    }

    [Fact]
    public async Task The_bound_holds_for_writes_on_their_way_through_the_journal_too()
    {
        var journal = new GatedJournal();
        await using var ledger = new Ledger(_everySecond with { Interval = TimeSpan.FromHours(1), MaxWaiting = 4, RefusesWhenFull = true, Journal = journal });
        await ledger.Cache.StartAsync(); // So that each write has been let in or refused when its call comes back.
        Task[] writes = [.. Enumerable.Range(0, 20).Select(key => ledger.Set(key, "x"))];
        journal.Gate.SetResult();
        await Task.WhenAll(writes).ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.Equal(4, writes.Count(static write => write.IsCompletedSuccessfully));
        Assert.All(writes.Where(static write => !write.IsCompletedSuccessfully), static write => Assert.IsType<InvalidOperationException>(write.Exception!.InnerException));
        await ledger.Set(0, "needs no room of its own");
        await ledger.Cache.FlushAsync();
        await ledger.Set(30, "there is room again");
    }

    [Fact]
    public async Task A_newer_write_has_all_its_attempts_though_the_older_had_failed()
    {
        List<DeadLetter<int, string>> dead = [];
        int told = 0;
        await using var ledger = new Ledger(_everySecond with
        {
            MaxAttempts = 3,
            Backoff = new() { First = TimeSpan.FromSeconds(1), Factor = 1, Most = TimeSpan.FromSeconds(1) },
            OnDeadLetter = letter =>
            {
                dead.Add(letter);
                Volatile.Write(ref told, dead.Count);
            },
        });
        int calls = 0;
        ledger.Writes = (_, _) =>
        {
            Interlocked.Increment(ref calls);
            throw new IOException();
        };
        await ledger.Set(1, "old");
        await ledger.Until(() => Volatile.Read(ref calls) == 2 && ledger.Cache.WritingStatistics.Failures == 2);
        await ledger.Set(1, "new");
        await ledger.Until(() => Volatile.Read(ref told) == 1);
        Assert.Equal((new Write<int, string>(1, "new"), 3, 5), (dead[0].Write, dead[0].Attempts, calls));
    }

    private sealed class GatedJournal : IWriteJournal
    {
        private long _position;

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> record, CancellationToken cancellationToken = default)
        {
            await Gate.Task;
            return Interlocked.Increment(ref _position);
        }

        public ValueTask TruncateAsync(long position, CancellationToken cancellationToken = default) => default;

        public IAsyncEnumerable<JournalRecord> ReplayAsync(CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<JournalRecord>();

        public ValueTask DisposeAsync() => default;
    }
}
