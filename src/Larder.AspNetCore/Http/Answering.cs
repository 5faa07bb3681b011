using System.Net;
using System.Runtime.ExceptionServices;

namespace Larder.AspNetCore.Http;

/// <summary>Answers GET and HEAD: from what is kept where the RFCs let it, else from the server, which is asked once for all who want the same (RFC 9111 §4).</summary>
internal sealed class Answering(ResponseStore store)
{
    // A response that others waited for may not do for a request: it varies, or had to be newer. Then it is asked for once more, and then without the cache.
    private const int MostTries = 3;

    internal async Task<HttpResponseMessage> GetAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        var rule = RuleOf(exchange);
        bool isAnew = exchange.Asked.IsDemanding;
        string? why = null;
        if (isAnew)
        {
            (var found, rule) = await FindAsync(exchange, rule, cancellationToken).ConfigureAwait(false);
            if (found?.Freshness.Suits(exchange.Asked, store.Now) == true) return Reused(exchange, found);
            if (exchange.Asked.OnlyIfCached) return NotThere(exchange);
            why = found is null ? null : found.Freshness.IsFreshAt(store.Now) ? CacheStatus.AskedTo : CacheStatus.Old;
        }

        for (int i = 0; i < MostTries; i++)
        {
            var fetch = new Fetch(store, exchange, rule);
            if (store.IsToPass(fetch.Key)) break;
            CacheResult<HttpEntry> read;
            try
            {
                read = await ReadAsync(fetch, isAnew, cancellationToken).ConfigureAwait(false);
            }
            catch (OriginFault fault)
            {
                return Failed(exchange, fault, why) ?? await ForwardAsync(exchange, cancellationToken).ConfigureAwait(false);
            }

            if (read.Status == ReadStatus.Fallback)
                return AfterError(exchange, (read.Value as StoredResponse)!, read.Error!) ?? await ForwardAsync(exchange, cancellationToken).ConfigureAwait(false);
            if (Answer(exchange, fetch, read, why ?? WhyOf(read, rule), ref rule) is { } answer) return answer;
            isAnew |= read.Value is not VaryRule;
        }

        return await ForwardAsync(exchange, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Answers from what is kept of GET, or asks the server, whose answer then tells whether that still holds (§4.3.5).</summary>
    internal async Task<HttpResponseMessage> HeadAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        var (found, rule) = await FindAsync(exchange, RuleOf(exchange), cancellationToken).ConfigureAwait(false);
        if (found?.Freshness.Suits(exchange.Asked, store.Now) == true) return Reused(exchange, found);
        if (exchange.Asked.OnlyIfCached) return NotThere(exchange);
        var response = await exchange.ForwardAsync(cancellationToken).ConfigureAwait(false);
        if (found is not null && response.StatusCode == HttpStatusCode.OK)
            await new HeadUpdate(store, response, exchange.Began).ApplyAsync(rule?.KeyFor(exchange.Address, exchange.Fields) ?? exchange.Address, cancellationToken).ConfigureAwait(false);
        return Told(response, CacheStatus.NotGet);
    }

    /// <summary>Adds what the cache did, if that is wanted.</summary>
    internal HttpResponseMessage Told(HttpResponseMessage response, string why) => Tell(response, CacheStatus.Forwarded(why));

    private VaryRule? RuleOf(Exchange exchange) => store.Cache.Look(exchange.Address, counts: false).Value as VaryRule;

    private ValueTask<CacheResult<HttpEntry>> ReadAsync(Fetch fetch, bool isAnew, CancellationToken cancellationToken) => isAnew
        ? store.Cache.RefreshAsync(fetch.Key, Fetch.LoadAsync, fetch, cancellationToken)
        : store.Cache.ReadAsync(fetch.Key, Fetch.LoadAsync, fetch, cancellationToken);

    // In memory whatever its age; in the tiers what they would serve.
    private async ValueTask<(StoredResponse? Found, VaryRule? Rule)> FindAsync(Exchange exchange, VaryRule? rule, CancellationToken cancellationToken)
    {
        string key = rule?.KeyFor(exchange.Address, exchange.Fields) ?? exchange.Address;
        var read = store.Cache.Look(key, counts: true);
        if (!read.HasValue) read = await store.Cache.ReadAsync(key, cancellationToken).ConfigureAwait(false);
        if (read.Value is VaryRule learnt && rule is null) return await FindAsync(exchange, learnt, cancellationToken).ConfigureAwait(false);
        return (read.Value is StoredResponse stored && stored.Selects(exchange.Fields) ? stored : null, rule);
    }

    // Null if this is no answer to the request, and it is to be asked for again.
    private HttpResponseMessage? Answer(Exchange exchange, Fetch fetch, in CacheResult<HttpEntry> read, string why, ref VaryRule? rule)
    {
        switch (read.Value)
        {
            case LiveResponse live:
                return live.Take() is { } own ? Tell(exchange.Own(own), CacheStatus.Forwarded(why)) : null;
            case VaryRule learnt:
                rule = learnt;
                return store.Cache.Look(learnt.KeyFor(exchange.Address, exchange.Fields), counts: false).Value is StoredResponse chosen && chosen.Head.RequestedAt >= exchange.Began
                    ? Fetched(exchange, fetch, chosen, why, read.IsJoined)
                    : null;
            case StoredResponse stored when !stored.Selects(exchange.Fields):
                return null;
            case StoredResponse stored when read.Status is ReadStatus.Hit or ReadStatus.Stale:
                return Reused(exchange, stored);

            // §4: what was asked for together is shared if each might have been given it from the cache, or had asked before it was sent for.
            case StoredResponse stored when !read.IsJoined || stored.Head.RequestedAt >= exchange.Began || stored.Freshness.Suits(exchange.Asked, store.Now):
                return Fetched(exchange, fetch, stored, why, read.IsJoined);
            default:
                return null;
        }
    }

    // Null if the answer is another's already.
    private HttpResponseMessage? Failed(Exchange exchange, OriginFault fault, string? why) => fault.Answer switch
    {
        StoredResponse shared when shared.Selects(exchange.Fields) => Tell(shared.ToResponse(exchange.Request, null), CacheStatus.Forwarded(why ?? CacheStatus.Missed)),
        LiveResponse live when live.Take() is { } own => Tell(exchange.Own(own), CacheStatus.Forwarded(why ?? CacheStatus.Missed)),
        _ => null,
    };

    private HttpResponseMessage? AfterError(Exchange exchange, StoredResponse old, Exception error)
    {
        if (old.Selects(exchange.Fields) && MayServe(old.Freshness, exchange.Asked, error))
        {
            var now = store.Now;
            return Tell(old.ToResponse(exchange.Request, now), CacheStatus.Forwarded(CacheStatus.Old, (error as OriginFault)?.Status, detail: error is OriginFault ? "stale-if-error" : "disconnected"));
        }

        if (error is OriginFault fault) return Failed(exchange, fault, CacheStatus.Old);
        ExceptionDispatchInfo.Throw(error);
        return null;
    }

    // What is fresh too may be here: the request did not want it as it was.
    private bool MayServe(Freshness old, CacheControl asked, Exception error)
    {
        if (asked.NoCache || old.IsStrict) return false;

        // §4.2.4: nobody could be reached. What is kept is within the retention.
        if (error is not OriginFault fault) return true;

        // RFC 5861 §4.
        var most = asked.StaleIfError > old.StaleIfError ? asked.StaleIfError.Value : old.StaleIfError;
        return fault.Status is 500 or 502 or 503 or 504 && most > TimeSpan.Zero && old.StalenessAt(store.Now) <= most;
    }

    private static string WhyOf(in CacheResult<HttpEntry> read, VaryRule? rule) =>
        read.Status == ReadStatus.Expired ? CacheStatus.Old : rule is null ? CacheStatus.Missed : CacheStatus.MissedVariant;

    private HttpResponseMessage Reused(Exchange exchange, StoredResponse stored)
    {
        var now = store.Now;
        return Tell(stored.ToResponse(exchange.Request, now), CacheStatus.Hit(stored.Freshness, now));
    }

    private HttpResponseMessage Fetched(Exchange exchange, Fetch fetch, StoredResponse stored, string why, bool isJoined) =>
        Tell(stored.ToResponse(exchange.Request, null), CacheStatus.Forwarded(why, fetch.Status == stored.Head.Status ? null : fetch.Status, fetch.IsStored, isJoined));

    // §5.2.1.7.
    private HttpResponseMessage NotThere(Exchange exchange) =>
        Tell(new HttpResponseMessage(HttpStatusCode.GatewayTimeout) { RequestMessage = exchange.Request }, CacheStatus.Forwarded(CacheStatus.Missed, detail: "only-if-cached"));

    private async Task<HttpResponseMessage> ForwardAsync(Exchange exchange, CancellationToken cancellationToken) =>
        Told(await exchange.ForwardAsync(cancellationToken).ConfigureAwait(false), CacheStatus.NotCached);

    private HttpResponseMessage Tell(HttpResponseMessage response, string what)
    {
        if (store.Options.AddsCacheStatus) CacheStatus.Add(response, store.Cache.Options.Name, what);
        return response;
    }
}
