namespace Storefront;

/// <summary>Brings what is sold out, or is just looked at, a few products a second.</summary>
internal sealed class Deliveries(Shop shop, TimeProvider time) : BackgroundService
{
    private const int Visited = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var ids = shop.Catalogue.Ids;
                for (int i = 0; i < Visited; i++)
                {
                    // As often as customers ask for it: what sells well is looked after.
                    string id = ids[(int)Math.Pow(ids.Count, Random.Shared.NextDouble()) - 1];
                    if (shop.Catalogue.TryDeliver(id)) await shop.Products.Cache.RemoveAsync(id, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The shop closes.
        }
    }
}
