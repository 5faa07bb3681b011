using System.Runtime.CompilerServices;

namespace Larder.Tests.Writing;

public sealed class JournalStartTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_journal_that_could_not_be_replayed_is_tried_again_with_the_next_write(bool isCancelled)
    {
        var journal = new Failing(isCancelled ? new OperationCanceledException() : new IOException());
        await using var ledger = new Ledger(new() { Interval = TimeSpan.FromHours(1), Journal = journal });
        await Assert.ThrowsAnyAsync<Exception>(() => ledger.Set(1, "a"));
        journal.Fails = null;
        await ledger.Set(1, "a");
        Assert.Equal(1, ledger.Cache.WritingStatistics.Waiting);
    }

    private sealed class Failing(Exception error) : IWriteJournal
    {
        private long _position;

        public Exception? Fails { get; set; } = error;

        public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> record, CancellationToken cancellationToken = default) => new(Interlocked.Increment(ref _position));

        public async IAsyncEnumerable<JournalRecord> ReplayAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            if (Fails is { } error) throw error;
            yield break;
        }

        public ValueTask TruncateAsync(long position, CancellationToken cancellationToken = default) => default;

        public ValueTask DisposeAsync() => default;
    }
}
