using Larder;

namespace Patterns;

internal static class RefreshAhead
{
    public static async Task Run()
    {
        var database = new Database();
        await using var prices = new LoadingCache<string, decimal>(
            async (product, cancel) => await database.FindAsync(product, cancel) ?? 0,
            new()
            {
                Memory = new() { Lifetime = Lifetime.FreshFor(TimeSpan.FromSeconds(1)) },
                Refresh = new() { AheadBelow = 0.5 },
            });

        await prices.GetAsync("apple");
        for (int i = 0; i < 10; i++)
        {
            // Read every 200 ms, a price that lives for a second is refreshed before it ends, and nobody ever waits.
            await Task.Delay(TimeSpan.FromMilliseconds(200));
            var read = await prices.ReadAsync("apple");
            Console.WriteLine($"apple: {read.Value}, {read.Age.TotalMilliseconds:F0} ms old: {read.Status}");
        }
    }
}
