using Larder;

namespace Patterns;

internal static class ReadThrough
{
    public static async Task Run()
    {
        var database = new Database();
        await using var prices = new LoadingCache<string, decimal>(new LoadingCacheOptions<string, decimal>
        {
            Memory = new() { Lifetime = new() { Fresh = TimeSpan.FromMinutes(1), Stale = TimeSpan.FromMinutes(10), Fallback = TimeSpan.FromHours(1) } },
            Loaders = [Loader.For<string, decimal>(async (LoadRequest<string, decimal> request, CancellationToken cancel) =>
                await database.FindAsync(request.Key, cancel) is { } price ? price : Loaded<decimal>.Absent)],
        });

        // A hundred ask at once; the database is asked once.
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => prices.GetAsync("apple").AsTask()));
        Console.WriteLine($"apple: {await prices.GetRequiredAsync("apple")}");

        // That there is no such product is remembered, too.
        Console.WriteLine($"plum: {(await prices.ReadAsync("plum")).Status}, {(await prices.ReadAsync("plum")).Status}");

        // Who changes the source says so: what is being loaded meanwhile does not undo it.
        await database.UpdateAsync("apple", 0.6m);
        await prices.RemoveAsync("apple");
        Console.WriteLine($"apple: {await prices.GetRequiredAsync("apple")}");
    }
}
