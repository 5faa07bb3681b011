using Larder;

namespace Storefront;

/// <summary>Visitors who like what others like (Zipf), now and then follow a dead link, and now and then buy.</summary>
internal sealed class Visitors(Shop shop, TimeProvider time) : BackgroundService
{
    public const int Most = 1_000;
    private const double DeadLinks = 0.04;
    private const double Buyers = 0.01;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(33);

    private volatile int _perSecond = 30;

    /// <summary>How many come.</summary>
    public int PerSecond
    {
        get => _perSecond;
        set => _perSecond = value;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var ids = shop.Catalogue.Ids;
        double[] upTo = new double[ids.Count];
        for (int i = 0; i < ids.Count; i++) upTo[i] = (i == 0 ? 0 : upTo[i - 1]) + 1 / Math.Pow(i + 1, 0.9);

        double due = 0; // A part of a visitor waits for the next tick.
        using var timer = new PeriodicTimer(_pause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                for (due += _perSecond * _pause.TotalSeconds; due >= 1; due--) _ = VisitAsync(Next());
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
            var seen = await shop.ReadAsync(id);
            if (seen.Value is { Stock: > 0 } product && Random.Shared.NextDouble() < Buyers) await shop.TryOrderAsync(product);
        }
        catch (Exception error) when (error is SourceFailedException or CircuitOpenException or ObjectDisposedException)
        {
            // Counted where it was loaded; the visitor leaves.
        }
    }
}
