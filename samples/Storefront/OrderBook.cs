using System.Collections.Concurrent;
using System.Text.Json;
using Larder;

namespace Storefront;

/// <summary>The books, where every order must end up: slow, but they outlive the process.</summary>
internal sealed class OrderBook(string folder, TimeProvider time)
{
    private static readonly TimeSpan _slowness = TimeSpan.FromMilliseconds(300);

    private readonly string _file = Path.Combine(folder, "books.jsonl");
    private readonly ConcurrentDictionary<string, Order> _booked = new(Read(Path.Combine(folder, "books.jsonl")));

    public IEnumerable<Order> Booked => _booked.Values;

    public bool Has(string id) => _booked.ContainsKey(id);

    /// <summary>Books orders together. One that comes twice, as after a crash, is booked once.</summary>
    public async ValueTask BookAsync(IReadOnlyList<Write<string, Order>> writes, CancellationToken cancellationToken)
    {
        await Task.Delay(_slowness, time, cancellationToken);
        var booked = writes.Select(static write => write.Value!).Where(order => !_booked.ContainsKey(order.Id)).ToList();
        await File.AppendAllLinesAsync(_file, booked.Select(static order => JsonSerializer.Serialize(order, ShopJson.Default.Order)), cancellationToken);
        foreach (var order in booked) _booked[order.Id] = order;
    }

    private static IEnumerable<KeyValuePair<string, Order>> Read(string file)
    {
        if (!File.Exists(file)) yield break;
        foreach (string line in File.ReadAllLines(file))
        {
            Order? order = null;
            try
            {
                order = JsonSerializer.Deserialize(line, ShopJson.Default.Order);
            }
            catch (JsonException)
            {
                // The process was killed while it wrote this line; the journal still has the order.
            }

            if (order is not null) yield return KeyValuePair.Create(order.Id, order);
        }
    }
}
