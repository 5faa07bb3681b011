using Larder;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Patterns;

/// <summary>The code on the pages of docs/migrate, each in a region with the page's name. It is compiled, so that it is true; nobody runs it.</summary>
internal static class Migrating
{
    public static string FromBitFaster()
    {
        #region from-bitfaster
        using var users = new Cache<int, string>(new() { Capacity = 1_000, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(5)) });
        string user = users.GetOrAdd(42, static (id, greeting) => $"{greeting} {id}", "user");
        #endregion
        return user;
    }

    public static string FromMemoryCache()
    {
        #region from-memorycache
        using var reports = new Cache<int, string>(new() { Capacity = 10_000, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(5)) });
        string report = reports.GetOrAdd(7, static id => $"report {id}");
        #endregion
        return report;
    }

    public static async Task<User?> FromFusionCache(UserLoader db)
    {
        #region from-fusioncache
        await using var users = new LoadingCache<string, User>(db.FindAsync, new()
        {
            Memory = new() { Lifetime = new() { Fresh = TimeSpan.FromMinutes(5), Fallback = TimeSpan.FromDays(1) } },
            Failure = new() { SoftTimeout = TimeSpan.FromMilliseconds(100) },
        });
        #endregion
        return await users.GetAsync("ada");
    }

    public static void FromEasyCaching(WebApplicationBuilder builder)
    {
        #region from-easycaching
        builder.Services.AddLarder(larder => larder
            .AddCache<string, User>("users", cache => cache
                .Lifetime(fresh: TimeSpan.FromMinutes(5), jitter: 0.1)
                .Load<UserLoader>()
                .OnDisk("cache/users")));
        #endregion
    }

    internal sealed record User(string Name);

    internal sealed class UserLoader : ILoader<string, User>
    {
        public ValueTask<User> FindAsync(string name, CancellationToken cancel) => new(new User(name));

        public async ValueTask<Loaded<User>> LoadAsync(LoadRequest<string, User> request, CancellationToken cancellationToken) => await FindAsync(request.Key, cancellationToken);
    }
}
