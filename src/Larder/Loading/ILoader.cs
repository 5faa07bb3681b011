namespace Larder;

/// <summary>Asks the source of truth for one key.</summary>
/// <remarks>Called by many threads at once, never under a lock. See <see cref="Loader"/> for making one from a function.</remarks>
/// <example><code>
/// sealed class UserLoader(UserDatabase db) : ILoader&lt;int, User&gt;
/// {
///     public async ValueTask&lt;Loaded&lt;User&gt;&gt; LoadAsync(LoadRequest&lt;int, User&gt; request, CancellationToken cancellationToken) =&gt;
///         await db.FindAsync(request.Key, cancellationToken) is { } user ? user : Loaded&lt;User&gt;.Absent;
/// }
/// </code></example>
public interface ILoader<TKey, TValue> where TKey : notnull
{
    /// <summary>Brings the value of one key, or <see cref="Loaded{TValue}.Absent"/>.</summary>
    /// <param name="request">The key, and what the cache still has of it.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits any more, or when time is over.</param>
    ValueTask<Loaded<TValue>> LoadAsync(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken);
}

/// <summary>Asks the source of truth for many keys at once.</summary>
/// <example><code>
/// sealed class UserLoader(UserDatabase db) : IBatchLoader&lt;int, User&gt;
/// {
///     public async ValueTask LoadManyAsync(LoadBatch&lt;int, User&gt; batch, CancellationToken cancellationToken)
///     {
///         foreach (var user in await db.FindAsync(batch.Missing, cancellationToken)) batch.Set(user.Id, user);
///     }
/// }
/// </code></example>
public interface IBatchLoader<TKey, TValue> : ILoader<TKey, TValue> where TKey : notnull
{
    /// <summary>Brings what it can of the batch's missing keys; a key of which it says nothing is absent.</summary>
    /// <param name="batch">The keys, and where what is found goes.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for any of the keys any more, or when time is over.</param>
    ValueTask LoadManyAsync(LoadBatch<TKey, TValue> batch, CancellationToken cancellationToken);

    // One key is a batch of one.
    async ValueTask<Loaded<TValue>> ILoader<TKey, TValue>.LoadAsync(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken)
    {
        var batch = new LoadBatch<TKey, TValue>([request]);
        await LoadManyAsync(batch, cancellationToken).ConfigureAwait(false);
        return batch.Take(request.Key);
    }
}
