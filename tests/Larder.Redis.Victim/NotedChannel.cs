using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Larder.Redis.Victim;

/// <summary>Notes what a channel lets be heard, once the cache has done what follows from it.</summary>
internal sealed class NotedChannel(IInvalidationChannel channel, ConcurrentQueue<Happened> heard) : IInvalidationChannel
{
    public string Name => channel.Name;

    public bool HearsTierWrites => channel.HearsTierWrites;

    public bool HearsOnlyWhatWasRead => channel.HearsOnlyWhatWasRead;

    public ValueTask ListenAsync(IInvalidationReceiver receiver, CancellationToken cancellationToken = default) => channel.ListenAsync(new Noting(receiver, heard), cancellationToken);

    public ValueTask PublishAsync(Invalidation invalidation, CancellationToken cancellationToken = default) => channel.PublishAsync(invalidation, cancellationToken);

    public ValueTask DisposeAsync() => channel.DisposeAsync();

    private sealed class Noting(IInvalidationReceiver receiver, ConcurrentQueue<Happened> heard) : IInvalidationReceiver
    {
        public void Invalidated(in Invalidation invalidation)
        {
            long start = Stopwatch.GetTimestamp();
            receiver.Invalidated(invalidation);
            if (invalidation.Kind != InvalidationKind.Keys) Note(-1, start);
            else foreach (var key in invalidation.Keys) Note(int.Parse(key.ToString().Split('/')[^1], CultureInfo.InvariantCulture), start);
        }

        // Either way everything is gone from memory afterwards.
        public void LinkLost()
        {
            long start = Stopwatch.GetTimestamp();
            receiver.LinkLost();
            Note(-1, start);
        }

        public void LinkRestored()
        {
            long start = Stopwatch.GetTimestamp();
            receiver.LinkRestored();
            Note(-1, start);
        }

        private void Note(int key, long start) => heard.Enqueue(new(Happening.Heard, key, 0, start, Stopwatch.GetTimestamp()));
    }
}
