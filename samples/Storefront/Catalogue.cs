using System.Collections.Concurrent;

namespace Storefront;

/// <summary>The source of truth: two thousand products behind a line that is slow on purpose, and unreliable on demand.</summary>
internal sealed class Catalogue(TimeProvider time, double failureRate, PriceList prices, StockRoom stock)
{
    private static readonly string[] _makes = ["Wild", "Smoked", "Old", "Golden", "Mountain", "Village", "Sunday", "Harvest", "Midnight", "Orchard"];
    private static readonly string[] _notes =
    [
        "Thyme", "Fig", "Lemon", "Juniper", "Walnut", "Chestnut", "Plum", "Rosemary", "Apricot", "Pepper", "Clove", "Saffron", "Basil",
        "Elder", "Quince", "Ginger", "Fennel", "Cherry", "Olive", "Sage", "Almond", "Truffle", "Mint", "Barley", "Pear",
    ];

    private static readonly string[] _shelves = ["Honey", "Jam", "Oil", "Vinegar", "Spice", "Tea", "Pasta", "Pickles"];

    private readonly ConcurrentDictionary<string, Product> _products = new(_shelves
        .SelectMany(static (shelf, s) => Enumerable.Range(0, _makes.Length * _notes.Length).Select(n =>
            new Product($"{shelf[..2].ToLowerInvariant()}-{n:000}", $"{_makes[n % _makes.Length]} {_notes[n / _makes.Length]} {shelf}", shelf,
                3.5m + (n * 37 + s * 11) % 160 / 10m, (n * 47 + s * 45) % 360)))
        .Select(static product => KeyValuePair.Create(product.Id, product)));

    // Written by whoever pulls the plug, read by every query.
    private volatile bool _isDown;

    /// <summary>Whether the database does not answer at all.</summary>
    public bool IsDown
    {
        get => _isDown;
        set => _isDown = value;
    }

    /// <summary>Every id, in a fixed order that has nothing to do with the shelves.</summary>
    public IReadOnlyList<string> Ids => field ??= [.. _products.Keys.OrderBy(static id => id[3..], StringComparer.Ordinal).ThenBy(static id => id, StringComparer.Ordinal)];

    public async Task<Product?> FindAsync(string id)
    {
        await TravelAsync();
        return _products.GetValueOrDefault(id) is { } product ? product with { Price = prices.Of(id) ?? product.Price, Stock = stock.Of(product) } : null;
    }

    /// <summary>Null when nothing matches.</summary>
    public async Task<Suggestion[]?> SearchAsync(string words)
    {
        await TravelAsync();
        var wanted = words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Suggestion[] found = [.. _products.Values
            .Where(product => wanted.All(word => product.Name.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(static product => product.Name, StringComparer.Ordinal)
            .Take(8)
            .Select(static product => new Suggestion(product.Id, product.Name))];
        return found is [] ? null : found;
    }

    public string[] IdsOn(string shelf, int page, int size) =>
        [.. Ids.Where(id => _products[id].Category.Equals(shelf, StringComparison.OrdinalIgnoreCase)).Skip(page * size).Take(size)];

    /// <summary>A report over all products: synchronous work, as a report over a local file would be.</summary>
    public Category[] Summarise() =>
        [.. _products.Values.GroupBy(static p => p.Category).Select(static g => new Category(g.Key, g.Count(), g.Min(static p => p.Price))).OrderBy(static c => c.Name, StringComparer.Ordinal)];

    public bool TryPrice(string id, decimal price)
    {
        if (_isDown) throw new SourceFailedException();
        if (!_products.ContainsKey(id)) return false;
        prices.Change(id, price);
        return true;
    }

    /// <summary>Takes one of the product. Returns false if it is sold out.</summary>
    public bool TrySell(string id) => _isDown ? throw new SourceFailedException() : _products.TryGetValue(id, out var product) && stock.TryTake(product);

    /// <summary>Brings more of the product, if it is sold out. Nothing is delivered while the database is down.</summary>
    public bool TryDeliver(string id)
    {
        if (_isDown || !_products.TryGetValue(id, out var product) || stock.Of(product) > 0) return false;
        stock.Fill(product);
        return true;
    }

    private async Task TravelAsync()
    {
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(80, 251)), time);
        if (_isDown || Random.Shared.NextDouble() < failureRate) throw new SourceFailedException();
    }
}

internal sealed class SourceFailedException() : Exception("The catalogue did not answer.");
