using System.Runtime.ExceptionServices;
using Larder.Memory;
using Larder.Writing;

namespace Larder.Loading;

/// <summary>Writes and removals that go to the source of truth before they go to the cache.</summary>
internal sealed class SourceFirst<TKey, TValue>(Loads<TKey, TValue> loads, Writes<TKey, TValue> writes) where TKey : notnull
{
    internal Writes<TKey, TValue> Writes => writes;

    internal async Task WriteAsync(TValue value, NewEntry<TKey, Kept<TValue>> written, Lifetime? given, CancellationToken cancellationToken, Skip skip = Skip.None)
    {
        using var turn = await writes.Order.EnterAsync(written.Key).ConfigureAwait(false);
        await TakeAsync(new(written.Key, value), written.Hash, cancellationToken).ConfigureAwait(false);
        await loads.Changes.Write(written, given, skip).ConfigureAwait(false);
    }

    internal async ValueTask<bool> RemoveAsync(TKey key, int hash, CancellationToken cancellationToken, Skip skip = Skip.None)
    {
        using var turn = await writes.Order.EnterAsync(key).ConfigureAwait(false);
        await TakeAsync(new(key, default, IsRemoval: true), hash, cancellationToken).ConfigureAwait(false);
        await loads.Changes.Remove(key, hash, RemovalCause.Removed, out bool wasServed, skip: skip).ConfigureAwait(false);
        return wasServed;
    }

    private async ValueTask TakeAsync(Write<TKey, TValue> write, int hash, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await writes.TakeAsync(write, cancellationToken).ConfigureAwait(false);
        }
        catch (WriteInDoubtException doubt)
        {
            // What the cache has may be older than what the source has now; the next reader asks the source.
            await loads.Changes.Remove(write.Key, hash, RemovalCause.Invalidated, out _).ConfigureAwait(false);
            ExceptionDispatchInfo.Throw(doubt.InnerException!);
        }
    }
}
