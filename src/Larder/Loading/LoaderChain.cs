namespace Larder.Loading;

/// <summary>
/// Loaders in turn, each asked for what those before it did not find. The first that throws ends the chain, and nothing
/// of it is kept, unless told otherwise.
/// </summary>
internal sealed class LoaderChain<TKey, TValue>(IReadOnlyList<ILoader<TKey, TValue>> loaders, BatchOptions batches, IEqualityComparer<TKey> comparer) where TKey : notnull
{
    internal bool IsEmpty => loaders.Count == 0;

    /// <summary>Whether many keys cost less than each alone.</summary>
    internal bool TakesMany { get; } = loaders.Any(static loader => loader is IBatchLoader<TKey, TValue>);

    internal ValueTask<Loaded<TValue>> LoadAsync(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken) =>
        loaders.Count == 1 ? loaders[0].LoadAsync(request, cancellationToken) : LoadInTurn(request, cancellationToken);

    internal async ValueTask LoadManyAsync(LoadBatch<TKey, TValue> batch, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var loader in loaders)
            {
                if (batch.Missing.Count == 0) return;
                if (loader is IBatchLoader<TKey, TValue> many) await many.LoadManyAsync(batch, cancellationToken).ConfigureAwait(false);
                else await LoadOneByOne(loader, batch, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            if (!batches.KeepsFoundOnError) batch.Discard();
            throw;
        }
    }

    private async ValueTask<Loaded<TValue>> LoadInTurn(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken)
    {
        // As a batch, for what one loader finds beside the key, a later one may find anew.
        if (TakesMany)
        {
            var batch = new LoadBatch<TKey, TValue>([request], comparer);
            await LoadManyAsync(batch, cancellationToken).ConfigureAwait(false);
            return batch.Take(request.Key);
        }

        foreach (var loader in loaders)
        {
            var loaded = await loader.LoadAsync(request, cancellationToken).ConfigureAwait(false);
            if (loaded.Kind != LoadedKind.Absent) return loaded;
        }

        return Loaded<TValue>.Absent;
    }

    // At most so many at once, and each key's failure its own.
    private async Task LoadOneByOne(ILoader<TKey, TValue> loader, LoadBatch<TKey, TValue> batch, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(batches.MaxParallel);
        await Task.WhenAll(batch.Missing.Select(LoadOne)).ConfigureAwait(false);

        async Task LoadOne(TKey key)
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var loaded = await loader.LoadAsync(batch.RequestFor(key), cancellationToken).ConfigureAwait(false);
                if (loaded.Kind != LoadedKind.Absent) batch.Set(key, loaded);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                batch.Fail(key, error);
            }
            finally
            {
                slots.Release();
            }
        }
    }
}
