namespace Storefront;

internal sealed record Product(string Id, string Name, string Category, decimal Price, int Hue, int Stock = 0);

internal sealed record Category(string Name, int Products, decimal From);

internal sealed record Suggestion(string Id, string Name);
