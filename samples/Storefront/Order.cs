using System.Text.Json.Serialization;

namespace Storefront;

internal sealed record Order(string Id, string ProductId, string Name, decimal Price, DateTimeOffset At);

/// <summary>An order with whether the books have it yet.</summary>
internal sealed record OrderLine(Order Order, bool IsBooked);

[JsonSerializable(typeof(Product))]
[JsonSerializable(typeof(Order))]
internal sealed partial class ShopJson : JsonSerializerContext;
