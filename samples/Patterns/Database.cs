namespace Patterns;

/// <summary>The source of truth: slow, and it tells when it is asked.</summary>
internal sealed class Database
{
    private readonly Dictionary<string, decimal> _prices = new() { ["apple"] = 0.5m, ["pear"] = 0.7m };

    public async ValueTask<decimal?> FindAsync(string product, CancellationToken cancel = default)
    {
        Console.WriteLine($"  the database is asked for {product}");
        await Task.Delay(TimeSpan.FromMilliseconds(50), cancel);
        lock (_prices) return _prices.TryGetValue(product, out decimal price) ? price : null;
    }

    public async ValueTask UpdateAsync(string product, decimal price)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(50));
        lock (_prices) _prices[product] = price;
    }
}
