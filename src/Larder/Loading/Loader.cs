namespace Larder;

/// <summary>Makes loaders from functions.</summary>
/// <example><code>
/// Loader.For&lt;int, User&gt;((id, cancel) =&gt; db.FindAsync(id, cancel))                       // one key; null is a value
/// Loader.ForMany&lt;int, User&gt;((ids, cancel) =&gt; db.FindManyAsync(ids, cancel))              // many; those left out are absent
/// </code></example>
public static class Loader
{
    /// <summary>A loader of one key that always has a value; <c>null</c> is one.</summary>
    public static ILoader<TKey, TValue> For<TKey, TValue>(Func<TKey, CancellationToken, ValueTask<TValue>> load) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(load);
        return new ValueFunction<TKey, TValue>(load);
    }

    /// <summary>A loader of one key that may say that there is none, how long the value lives, or that the old one still holds.</summary>
    public static ILoader<TKey, TValue> For<TKey, TValue>(Func<LoadRequest<TKey, TValue>, CancellationToken, ValueTask<Loaded<TValue>>> load) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(load);
        return new Function<TKey, TValue>(load);
    }

    /// <summary>A loader of many keys; those it does not return are absent.</summary>
    public static IBatchLoader<TKey, TValue> ForMany<TKey, TValue>(Func<IReadOnlyList<TKey>, CancellationToken, ValueTask<IReadOnlyDictionary<TKey, TValue>>> load) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(load);
        return new ManyFunction<TKey, TValue>(load);
    }

    internal static ValueTask<Loaded<TValue>> Converted<TValue>(ValueTask<TValue> task)
    {
        return task.IsCompletedSuccessfully ? new(new Loaded<TValue>(task.Result)) : Awaited(task);

        static async ValueTask<Loaded<TValue>> Awaited(ValueTask<TValue> task) => new(await task.ConfigureAwait(false));
    }

    private sealed class ValueFunction<TKey, TValue>(Func<TKey, CancellationToken, ValueTask<TValue>> load) : ILoader<TKey, TValue> where TKey : notnull
    {
        public ValueTask<Loaded<TValue>> LoadAsync(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken) =>
            Converted(load(request.Key, cancellationToken));
    }

    private sealed class Function<TKey, TValue>(Func<LoadRequest<TKey, TValue>, CancellationToken, ValueTask<Loaded<TValue>>> load) : ILoader<TKey, TValue> where TKey : notnull
    {
        public ValueTask<Loaded<TValue>> LoadAsync(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken) => load(request, cancellationToken);
    }

    private sealed class ManyFunction<TKey, TValue>(Func<IReadOnlyList<TKey>, CancellationToken, ValueTask<IReadOnlyDictionary<TKey, TValue>>> load) : IBatchLoader<TKey, TValue> where TKey : notnull
    {
        public async ValueTask LoadManyAsync(LoadBatch<TKey, TValue> batch, CancellationToken cancellationToken)
        {
            foreach (var (key, value) in await load(batch.Missing, cancellationToken).ConfigureAwait(false)) batch.Set(key, value);
        }
    }
}
