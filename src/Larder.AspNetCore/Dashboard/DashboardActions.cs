using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Larder.AspNetCore.Dashboard;

/// <summary>What a visitor may have done to a cache. Each comes by POST, as JSON, with the token.</summary>
internal sealed class DashboardActions(CacheDirectory caches, DashboardOptions options, DashboardToken token, ILoggerFactory? loggers)
{
    private readonly ILogger _logger = loggers?.CreateLogger("Larder.Dashboard") ?? NullLogger.Instance;

    internal static IReadOnlyList<string> Names { get; } = ["look-up", "remove", "refresh", "clear", "isolate", "reset"];

    internal async Task RunAsync(HttpContext context, string action)
    {
        DashboardPage.Protect(context.Response.Headers);
        if (!token.Fits(context))
        {
            await AnswerAsync(context, StatusCodes.Status400BadRequest, "The token is missing or of an earlier process. Load the page again.").ConfigureAwait(false);
            return;
        }

        if (await WishAsync(context).ConfigureAwait(false) is not { Cache: not null } wish)
        {
            await AnswerAsync(context, StatusCodes.Status400BadRequest, "The request names no cache.").ConfigureAwait(false);
            return;
        }

        if (caches.Find(wish.Cache) is not { } view)
        {
            await AnswerAsync(context, StatusCodes.Status404NotFound, $"There is no cache '{wish.Cache}'.").ConfigureAwait(false);
            return;
        }

        var (status, answer) = await TryAsync(action, view, wish, context.RequestAborted).ConfigureAwait(false);
        await AnswerAsync(context, status, answer).ConfigureAwait(false);
    }

    private async Task<(int Status, Answer Answer)> TryAsync(string action, ICacheView view, Wish wish, CancellationToken cancel)
    {
        try
        {
            var answer = await ActAsync(action, view, wish, cancel).ConfigureAwait(false);
            if (action != "look-up") Log.Acted(_logger, action, view.Name);
            return (StatusCodes.Status200OK, answer);
        }
        catch (Exception error) when (error is FormatException or NotSupportedException or ArgumentException)
        {
            return (StatusCodes.Status400BadRequest, new(error.Message));
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            // What a loader or a tier threw. Its message stays in the log: it may hold what a visitor of this page is not to see.
            Log.ActionFailed(_logger, action, view.Name, error);
            return (StatusCodes.Status502BadGateway, new(error is CircuitOpenException
                ? "The breaker is open, so the source is not asked."
                : $"It failed with a {error.GetType().Name}; the log says more."));
        }
    }

    private async Task<Answer> ActAsync(string action, ICacheView view, Wish wish, CancellationToken cancel)
    {
        switch (action)
        {
            case "look-up":
                var found = await view.LookUpAsync(KeyOf(wish), wish.WithValue && options.ShowsValues, cancel).ConfigureAwait(false);
                return new(found.Status == ReadStatus.Miss ? "Memory has nothing of this key." : "Found.", Of(found, wish.WithValue && options.ShowsValues));
            case "remove":
                bool had = await view.RemoveAsync(KeyOf(wish), cancel).ConfigureAwait(false);
                return new(had ? "Removed." : "There was no value; whatever else there was is removed.", new(wish.Key!, ReadStatus.Miss, null, null, 0, 0, 0, 0, false, null));
            case "refresh":
                return new("Loaded anew.", Of(await view.RefreshAsync(KeyOf(wish), cancel).ConfigureAwait(false), withValue: false));
            case "clear":
                await view.ClearAsync(cancel).ConfigureAwait(false);
                return new("Cleared.");
            case "isolate":
                BreakerOf(view).Isolate();
                return new("The source is left alone until the breaker is reset.");
            default:
                BreakerOf(view).Reset();
                return new("The breaker is closed.");
        }
    }

    private static string KeyOf(Wish wish) => wish.Key ?? throw new ArgumentException("The request names no key.");

    private static CircuitBreaker BreakerOf(ICacheView view) => view.Breaker ?? throw new NotSupportedException($"Cache '{view.Name}' has no breaker.");

    private FindingFigures Of(KeyFinding found, bool withValue) => new(
        found.Key, found.Status, found.Tier, found.Age?.TotalSeconds, Seconds(found.FreshFor), Seconds(found.ServedFor), Seconds(found.KeptFor), found.LoadTime.TotalSeconds,
        found.HasValue, withValue && found.HasValue ? options.Format(found.Value) : null);

    private static double? Seconds(TimeSpan time) => time == TimeSpan.MaxValue ? null : time.TotalSeconds;

    // Only a request that says it is JSON: what a form of another site can send does not.
    private static async ValueTask<Wish?> WishAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType()) return null;
        try
        {
            return await context.Request.ReadFromJsonAsync(DashboardJson.Default.Wish, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task AnswerAsync(HttpContext context, int status, string message) => AnswerAsync(context, status, new Answer(message));

    private static Task AnswerAsync(HttpContext context, int status, Answer answer)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(answer, DashboardJson.Default.Answer, cancellationToken: context.RequestAborted);
    }
}
