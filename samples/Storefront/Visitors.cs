using Larder;

namespace Storefront;

/// <summary>Some thirty visitors a second who like what others like (Zipf), and now and then follow a dead link.</summary>
internal sealed class Visitors(Shop shop, TimeProvider time) : BackgroundService
{
    private const double DeadLinks = 0.04;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(33);

    private volatile bool _areIn = true;

    public bool AreIn
    {
        get => _areIn;
        set => _areIn = value;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var ids = shop.Catalogue.Ids;
        double[] upTo = new double[ids.Count];
        for (int i = 0; i < ids.Count; i++) upTo[i] = (i == 0 ? 0 : upTo[i - 1]) + 1 / Math.Pow(i + 1, 0.9);

        using var timer = new PeriodicTimer(_pause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                if (_areIn) _ = VisitAsync(Next());
        }
        catch (OperationCanceledException)
        {
            // The shop closes.
        }

        string Next()
        {
            if (Random.Shared.NextDouble() < DeadLinks) return $"gone-{Random.Shared.Next(20)}";
            int at = Array.BinarySearch(upTo, Random.Shared.NextDouble() * upTo[^1]);
            return ids[Math.Min(at < 0 ? ~at : at, ids.Count - 1)];
        }
    }

    // Not awaited by the crowd: one who waits for the source does not hold up the others.
    private async Task VisitAsync(string id)
    {
        try
        {
            await shop.ReadAsync(id);
        }
        catch (Exception error) when (error is SourceFailedException or CircuitOpenException)
        {
            // Counted where it was loaded; the visitor leaves.
        }
    }
}
