using Microsoft.Extensions.DependencyInjection;

namespace Larder.Hosting;

/// <summary>Asks a loader from the container, in a scope of its own for each load.</summary>
internal static class ScopedLoader
{
    internal static ILoader<TKey, TValue> Of<TKey, TValue, TLoader>(IServiceScopeFactory scopes) where TKey : notnull where TLoader : class, ILoader<TKey, TValue> =>
        typeof(TLoader).IsAssignableTo(typeof(IBatchLoader<TKey, TValue>)) ? new Many<TKey, TValue, TLoader>(scopes) : new One<TKey, TValue, TLoader>(scopes);

    private sealed class One<TKey, TValue, TLoader>(IServiceScopeFactory scopes) : ILoader<TKey, TValue> where TKey : notnull where TLoader : class, ILoader<TKey, TValue>
    {
        public async ValueTask<Loaded<TValue>> LoadAsync(LoadRequest<TKey, TValue> request, CancellationToken cancellationToken)
        {
            var scope = scopes.CreateAsyncScope();
            await using (scope.ConfigureAwait(false)) return await scope.ServiceProvider.GetRequiredService<TLoader>().LoadAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed class Many<TKey, TValue, TLoader>(IServiceScopeFactory scopes) : IBatchLoader<TKey, TValue> where TKey : notnull where TLoader : class, ILoader<TKey, TValue>
    {
        public async ValueTask LoadManyAsync(LoadBatch<TKey, TValue> batch, CancellationToken cancellationToken)
        {
            var scope = scopes.CreateAsyncScope();
            await using (scope.ConfigureAwait(false)) await ((IBatchLoader<TKey, TValue>)scope.ServiceProvider.GetRequiredService<TLoader>()).LoadManyAsync(batch, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>Asks a writer from the container, in a scope of its own for each batch.</summary>
internal sealed class ScopedWriter<TKey, TValue, TWriter>(IServiceScopeFactory scopes) : IWriter<TKey, TValue> where TKey : notnull where TWriter : class, IWriter<TKey, TValue>
{
    public async ValueTask WriteAsync(WriteBatch<TKey, TValue> batch, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false)) await scope.ServiceProvider.GetRequiredService<TWriter>().WriteAsync(batch, cancellationToken).ConfigureAwait(false);
    }
}
