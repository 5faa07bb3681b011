namespace Larder;

/// <summary>How one process learns that another has changed a key, and tells of its own changes.</summary>
/// <remarks>
/// A process never hears of what it published itself. Invalidations arrive in the order in which one process published them. When
/// the channel cannot vouch for having heard everything (the link broke, a message was lost), it says so by
/// <see cref="IInvalidationReceiver.LinkLost"/>, at the latest within the bound that its documentation states.
/// </remarks>
/// <example><code>
/// var options = new LoadingCacheOptions&lt;string, User&gt; { Coherence = new() { Channel = new InProcessChannel(bus) } };
/// </code></example>
public interface IInvalidationChannel : IAsyncDisposable
{
    /// <summary>What it is called in statistics and logs: a short word, such as <c>redis</c>.</summary>
    string Name { get; }

    /// <summary>Whether others hear of what is written to a shared tier without being told: then only what does not go there is published.</summary>
    bool HearsTierWrites { get; }

    /// <summary>
    /// Whether others' changes are heard only of keys that this process has read from the shared tier since it last heard of them. Then memory keeps nothing that was not.
    /// </summary>
    bool HearsOnlyWhatWasRead => false;

    /// <summary>
    /// Begins to listen, once. Ends when the link is up (after <see cref="IInvalidationReceiver.LinkRestored"/>), or when the first
    /// attempt has failed; then it goes on trying by itself. The receiver is called by one thread at a time, and returns soon.
    /// </summary>
    ValueTask ListenAsync(IInvalidationReceiver receiver, CancellationToken cancellationToken = default);

    /// <summary>Tells the others. Throws when it could not; whoever calls keeps it and tries again when the link is back.</summary>
    ValueTask PublishAsync(Invalidation invalidation, CancellationToken cancellationToken = default);
}
