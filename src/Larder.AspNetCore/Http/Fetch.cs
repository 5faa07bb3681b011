using System.Net;

namespace Larder.AspNetCore.Http;

/// <summary>Asks the server for one request, and decides what becomes of its answer. The leader of all who want the same waits for it, or nobody, if it is a refresh.</summary>
internal sealed class Fetch(ResponseStore store, Exchange exchange, VaryRule? rule)
{
    internal string Key { get; } = rule is null ? exchange.Address : rule.KeyFor(exchange.Address, exchange.Fields);

    /// <summary>What the server answered; null if it was not asked for this.</summary>
    internal int? Status { get; private set; }

    /// <summary>Whether what it answered is kept now.</summary>
    internal bool IsStored { get; private set; }

    /// <summary>The loader.</summary>
    internal static ValueTask<Loaded<HttpEntry>> LoadAsync(LoadRequest<string, HttpEntry> request, Fetch fetch, CancellationToken cancellationToken) =>
        fetch.LoadAsync(request.Old.HasValue ? request.Old.Value as StoredResponse : null, request.IsRefresh, cancellationToken);

    private async ValueTask<Loaded<HttpEntry>> LoadAsync(StoredResponse? old, bool isRefresh, CancellationToken cancellationToken)
    {
        var requestedAt = store.Now;
        var response = await exchange.AskAsync(old, cancellationToken).ConfigureAwait(false);
        if (old is not null && response.StatusCode == HttpStatusCode.NotModified)
        {
            var confirmation = Dated(response, store.Now);
            response.Dispose();
            Status = 304;
            if (Validators.Confirm(confirmation, old.Headers)) return Keep(old.FreshenedBy(confirmation, requestedAt, store.Now, store.Options));

            // It is about something that is not here (§4.3.4).
            requestedAt = store.Now;
            response = await exchange.AskAsync(null, cancellationToken).ConfigureAwait(false);
        }

        Status = (int)response.StatusCode;
        try
        {
            return await TakeAsync(response, old, requestedAt, isRefresh, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OriginFault)
        {
            response.Dispose();
            throw;
        }
    }

    private async ValueTask<Loaded<HttpEntry>> TakeAsync(HttpResponseMessage response, StoredResponse? old, DateTimeOffset requestedAt, bool isRefresh, CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        var headers = Dated(response, store.Now);
        var said = CacheControl.Of(headers);
        bool isWhole = !exchange.WasRedirected(response);
        var head = new ResponseHead(status, response.ReasonPhrase, response.Version, requestedAt, store.Now, SelectorOf(headers));
        bool isStorable = isWhole && Storability.IsStorable(status, said, headers) && LifetimeOf(head, headers) is not null;

        // An error is not kept, but those who waited for it together may have it together, unless it forbids even that.
        bool isFault = status >= 500 && (!isStorable || old is { Freshness.IsStrict: false });
        byte[]? body = isStorable || (isFault && isWhole && !said.NoStore) ? await Body.ReadAsync(response, store.Options.MaxBody, cancellationToken).ConfigureAwait(false) : null;
        if (body is not null)
        {
            response.Dispose();
            var stored = new StoredResponse(head, headers, body, store.Options);
            return isFault ? throw new OriginFault(status, stored) : Keep(stored);
        }

        var live = Live(response, isRefresh, cancellationToken);
        if (isFault) throw new OriginFault(status, live);
        store.RememberToPass(Key);
        return isRefresh ? Loaded<HttpEntry>.Absent : new Loaded<HttpEntry>(live) { IsKept = false };
    }

    // Under its key; or, if that was not yet known to depend on more of the request, under the one it has for that.
    private Loaded<HttpEntry> Keep(StoredResponse stored)
    {
        bool isStorable = Storability.IsStorable(stored.Head.Status, CacheControl.Of(stored.Headers), stored.Headers);
        if (!isStorable || LifetimeOf(stored.Head, stored.Headers) is not { } lifetime) return new(stored) { IsKept = false };
        string[] names = VaryRule.NamesOf(stored.Headers)!;
        if (rule is not null && !rule.Covers(names))
        {
            // The next request learns the new rule. What is kept by the old one is not found by it, and soon leaves.
            store.Forget(exchange.Address);
            return new(stored) { IsKept = false };
        }

        IsStored = true;
        if (rule is not null || names.Length == 0) return new(stored) { Lifetime = lifetime };
        var learnt = VaryRule.Of(names);

        // If the rule is not kept, because the resource was invalidated meanwhile, nobody finds this.
        store.Put(learnt.KeyFor(exchange.Address, exchange.Fields), stored, lifetime);
        return new(learnt) { Lifetime = VaryRule.Life };
    }

    // Null for what could never be of use.
    private Lifetime? LifetimeOf(ResponseHead head, HeaderLines headers) =>
        Freshness.Of(head.Status, headers, head.RequestedAt, head.ReceivedAt, store.Options).ToLifetime(store.Now, Validators.AreIn(headers), store.Options.Retention);

    private string SelectorOf(HeaderLines headers) => VaryRule.SelectorOf(VaryRule.NamesOf(headers) ?? [], exchange.Fields);

    // Nobody takes what comes when all have turned away.
    private static LiveResponse Live(HttpResponseMessage response, bool isRefresh, CancellationToken cancellationToken)
    {
        var live = new LiveResponse(response);
        if (isRefresh) live.Take()!.Dispose();
        else cancellationToken.UnsafeRegister(static state => ((LiveResponse)state!).Take()?.Dispose(), live);
        return live;
    }

    // RFC 9110 §6.6.1: who keeps a response without a date gives it one.
    private static HeaderLines Dated(HttpResponseMessage response, DateTimeOffset now)
    {
        var headers = HeaderLines.Kept(response);
        return headers.First("Date") is null ? headers.With("Date", HttpDate.Format(now)) : headers;
    }
}
