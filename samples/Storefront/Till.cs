using System.Collections.Concurrent;
using Larder;

namespace Storefront;

/// <summary>Takes orders: acknowledged when the journal has them, booked behind the customer's back, and not lost if the process is killed in between.</summary>
internal sealed class Till : IAsyncDisposable
{
    private readonly OrderBook _book;
    private readonly TimeProvider _time;
    private readonly LoadingCache<string, Order> _orders;
    private readonly ConcurrentDictionary<string, Order> _taken = new();

    private Till(OrderBook book, TimeProvider time, IWriteJournal journal)
    {
        (_book, _time) = (book, time);
        _orders = new(new LoadingCacheOptions<string, Order>
        {
            Name = "orders",
            Payloads = new() { Serializer = PayloadSerializer.Json(ShopJson.Default.Order) },
            Writing = new(Writer.ForMany<string, Order>(book.BookAsync)) { Behind = new() { Interval = TimeSpan.FromSeconds(5), Journal = journal } },
        });
    }

    public ICacheView View => CacheView.Of(_orders);

    /// <summary>How many orders of an earlier process came back from the journal.</summary>
    public long BroughtBack => _orders.WritingStatistics.Replayed;

    public long Waiting => _orders.WritingStatistics.Waiting;

    public long Booked => _book.Booked.LongCount();

    public static async Task<Till> OpenAsync(string folder, TimeProvider time)
    {
        var till = new Till(new(folder, time), time, await DiskJournal.OpenAsync(new() { Directory = Path.Combine(folder, "orders") }));
        await till._orders.StartAsync();
        _ = till._orders.FlushAsync(); // What came back has waited long enough.
        return till;
    }

    public async Task<Order> OrderAsync(Product product)
    {
        var order = new Order(Guid.CreateVersion7().ToString("N"), product.Id, product.Name, product.Price, _time.GetUtcNow());
        await _orders.SetAsync(order.Id, order);
        _taken[order.Id] = order;
        return order;
    }

    /// <summary>The newest orders, booked or not.</summary>
    public IReadOnlyList<OrderLine> Newest(int count)
    {
        foreach (string id in _taken.Keys.Where(_book.Has)) _taken.TryRemove(id, out _);
        return [.. _book.Booked.Select(static order => new OrderLine(order, IsBooked: true))
            .Concat(_taken.Values.Where(order => !_book.Has(order.Id)).Select(static order => new OrderLine(order, IsBooked: false)))
            .OrderByDescending(static line => line.Order.At).Take(count)];
    }

    public ValueTask DisposeAsync() => _orders.DisposeAsync();
}
