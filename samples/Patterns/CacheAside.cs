using Larder;

namespace Patterns;

internal static class CacheAside
{
    public static async Task Run()
    {
        var database = new Database();
        using var prices = new Cache<string, decimal>(new() { Capacity = 10_000, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(1)) });

        Console.WriteLine($"apple: {await Price("apple")}");
        Console.WriteLine($"apple: {await Price("apple")}");
        Console.WriteLine($"plum: {await Price("plum")}, {await Price("plum")}");

        // The source first, then the cache.
        await database.UpdateAsync("apple", 0.6m);
        prices.Remove("apple");
        Console.WriteLine($"apple: {await Price("apple")}");

        async ValueTask<decimal?> Price(string product)
        {
            switch (prices.Read(product, out decimal cached))
            {
                case ReadStatus.Hit: return cached;
                case ReadStatus.Absent: return null;
            }

            decimal? price = await database.FindAsync(product);
            if (price is { } found) prices.Set(product, found);
            else prices.SetAbsent(product, Lifetime.FreshFor(TimeSpan.FromSeconds(10)));
            return price;
        }
    }
}
