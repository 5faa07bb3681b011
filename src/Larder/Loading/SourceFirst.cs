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
        using var turn = await writes.Order.EnterAsync(written.Key, cancellationToken).ConfigureAwait(false);
        await TakeAsync(new(written.Key, value) { Tags = written.Value.Tags }, written.Hash, cancellationToken).ConfigureAwait(false);
        await KeepAsync(written, given, skip).ConfigureAwait(false);
    }

    internal async ValueTask<bool> RemoveAsync(TKey key, int hash, CancellationToken cancellationToken, Skip skip = Skip.None)
    {
        using var turn = await writes.Order.EnterAsync(key, cancellationToken).ConfigureAwait(false);
        await TakeAsync(new(key, default, IsRemoval: true), hash, cancellationToken).ConfigureAwait(false);
        await loads.Changes.Remove(key, hash, RemovalCause.Removed, out bool wasServed, skip: skip).ConfigureAwait(false);
        return wasServed;
    }

    /// <summary>Writes many at once: of a key that is there twice, the last. Ends when the tiers have tried; throws the first failure when all has been written that could be.</summary>
    internal Task WriteManyAsync(IEnumerable<(TValue Value, NewEntry<TKey, Kept<TValue>> Written)> many, Lifetime? given, CancellationToken cancellationToken)
    {
        Dictionary<TKey, (TValue Value, NewEntry<TKey, Kept<TValue>> Written)> last = new(loads.Core.Comparer);
        foreach (var one in many) last[one.Written.Key] = one;
        return EachAsync(last.Values, static one => new(one.Written.Key, one.Value), one => KeepAsync(one.Written, given, Skip.None), cancellationToken);
    }

    /// <summary>Removes many at once. Ends and throws as <see cref="WriteManyAsync"/>. Returns how many had a value.</summary>
    internal async ValueTask<int> RemoveManyAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken)
    {
        int removed = 0;
        await EachAsync(keys.Distinct(loads.Core.Comparer), static key => new(key, default, IsRemoval: true), Remove, cancellationToken).ConfigureAwait(false);
        return removed;

        Task Remove(TKey key)
        {
            var task = loads.Changes.Remove(key, loads.Core.HashOf(key), RemovalCause.Removed, out bool wasServed);
            if (wasServed) removed++;
            return task;
        }
    }

    // Batch by batch: asks the source for the writes, and has the cache follow with those that it has taken. Each key once.
    private async Task EachAsync<T>(IEnumerable<T> items, Func<T, Write<TKey, TValue>> writeOf, Func<T, Task> follow, CancellationToken cancellationToken)
    {
        List<Task> tried = [];
        Exception? failure = null;
        foreach (var chunk in items.Chunk(loads.Batches.MaxBatch))
        {
            Write<TKey, TValue>[] batch = [.. chunk.Select(writeOf)];
            using var turns = await writes.Order.EnterAllAsync([.. batch.Select(static write => write.Key)], cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            var errors = await writes.WriteManyAsync(batch, cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < chunk.Length; i++)
            {
                if (errors[i] is null) tried.Add(follow(chunk[i]));
                else if (errors[i] is WriteInDoubtException) tried.Add(loads.Changes.Remove(batch[i].Key, loads.Core.HashOf(batch[i].Key), RemovalCause.Invalidated, out _));
                failure ??= errors[i] is WriteInDoubtException doubt ? doubt.InnerException : errors[i];
            }

            foreach (var one in tried)
            {
                try
                {
                    await one.ConfigureAwait(false);
                }
                catch (Exception error)
                {
                    failure ??= error;
                }
            }

            tried.Clear();
        }

        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    // The source has it. If it cannot be kept as it should (it is too long, say), nothing older is kept either.
    private async Task KeepAsync(NewEntry<TKey, Kept<TValue>> written, Lifetime? given, Skip skip)
    {
        try
        {
            await loads.Changes.Write(written, given, skip).ConfigureAwait(false);
        }
        catch
        {
            await loads.Changes.Remove(written.Key, written.Hash, RemovalCause.Invalidated, out _).ConfigureAwait(false);
            throw;
        }
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
