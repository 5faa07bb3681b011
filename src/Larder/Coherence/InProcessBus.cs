namespace Larder;

/// <summary>Joins caches of one process as if they were in several: for tests of programs that use a channel.</summary>
/// <example><code>
/// var bus = new InProcessBus();
/// await using var one = new LoadingCache&lt;string, User&gt;(load, new() { Coherence = new(bus.Join()) });
/// await using var other = new LoadingCache&lt;string, User&gt;(load, new() { Coherence = new(bus.Join()) });
/// await one.RemoveAsync("u:1");      // and the other has forgotten it too
/// </code></example>
public sealed class InProcessBus
{
    private readonly Lock _gate = new();
    private readonly List<Member> _members = []; // Guarded by _gate.

    /// <summary>A channel for one more cache.</summary>
    public IInvalidationChannel Join() => new Member(this);

    /// <summary>Breaks the link of a channel, as a network would: it hears nothing, and what it publishes throws, until the link is mended.</summary>
    /// <exception cref="ArgumentException">The channel is not of this bus.</exception>
    public void Cut(IInvalidationChannel channel) => Of(channel).SetLink(isUp: false);

    /// <summary>Mends the link of a channel. What was published meanwhile it has not heard.</summary>
    /// <exception cref="ArgumentException">The channel is not of this bus.</exception>
    public void Mend(IInvalidationChannel channel) => Of(channel).SetLink(isUp: true);

    private Member Of(IInvalidationChannel channel) =>
        channel is Member member && member.Bus == this ? member : throw new ArgumentException("The channel is not one of this bus.", nameof(channel));

    private sealed class Member(InProcessBus bus) : IInvalidationChannel
    {
        private readonly Lock _gate = new(); // One call of the receiver at a time.
        private IInvalidationReceiver? _receiver; // Guarded by _gate.
        private bool _isUp = true; // Guarded by _gate.

        public string Name => "in-process";

        public bool HearsTierWrites => false;

        internal InProcessBus Bus => bus;

        public ValueTask ListenAsync(IInvalidationReceiver receiver, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(receiver);
            cancellationToken.ThrowIfCancellationRequested();
            lock (_gate)
            {
                if (_receiver is not null) throw new InvalidOperationException("Somebody listens to this channel already.");
                _receiver = receiver;
                if (_isUp) receiver.LinkRestored();
            }

            lock (bus._gate) bus._members.Add(this);
            return default;
        }

        public ValueTask PublishAsync(Invalidation invalidation, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_gate)
            {
                if (!_isUp) throw new IOException("The link of this channel is cut.");
            }

            Member[] others;
            lock (bus._gate) others = [.. bus._members.Where(member => member != this)];
            foreach (var other in others) other.Hear(invalidation);
            return default;
        }

        public ValueTask DisposeAsync()
        {
            lock (bus._gate) bus._members.Remove(this);
            return default;
        }

        internal void SetLink(bool isUp)
        {
            lock (_gate)
            {
                if (_isUp == isUp) return;
                _isUp = isUp;
                if (isUp) _receiver?.LinkRestored();
                else _receiver?.LinkLost();
            }
        }

        private void Hear(in Invalidation invalidation)
        {
            lock (_gate)
            {
                if (_isUp) _receiver?.Invalidated(invalidation);
            }
        }
    }
}
