using System.Net;
using Microsoft.AspNetCore.Http;

namespace Larder.AspNetCore.Tests.Http;

/// <summary>Many callers, one request.</summary>
public sealed class SharingTests(Origin origin) : IClassFixture<Origin>
{
    [Fact]
    public async Task A_hundred_callers_make_one_request_and_each_has_a_response_of_its_own()
    {
        using var client = new Client();
        var asked = new Origin.Counted();
        var gate = new TaskCompletionSource();
        var uri = origin.Serve(async context =>
        {
            asked.Next();
            await gate.Task;
            context.Response.Headers.CacheControl = "max-age=60";
            await context.Response.WriteAsync("shared");
        });
        var calls = Enumerable.Range(0, 100).Select(_ => client.Http.GetAsync(uri, TestContext.Current.CancellationToken)).ToArray();
        await Client.Until(() => client.View.Statistics.Joins == 99);
        gate.SetResult();
        var responses = await Task.WhenAll(calls);
        Assert.Equal(1, asked.Times);
        Assert.Equal(100, responses.Distinct().Count());
        foreach (var response in responses)
        {
            await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            Assert.False(stream.CanWrite);
            Assert.Equal("shared", await new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken));
            response.Headers.Remove("Cache-Control");
            response.Dispose();
        }

        Assert.Equal("shared", (await client.GetAsync(uri)).Body);
        Assert.Equal(1, asked.Times);
    }

    [Fact]
    public async Task Callers_of_what_must_be_validated_share_the_answer_they_all_waited_for()
    {
        using var client = new Client();
        var (release, asked, uri) = Gated("no-cache", etag: "\"a\"");
        var calls = Enumerable.Range(0, 20).Select(_ => client.GetAsync(uri)).ToArray();
        await Client.Until(() => client.View.Statistics.Joins == 19);
        release.SetResult();
        Assert.All(await Task.WhenAll(calls), static answer => Assert.Equal("body", answer.Body));

        // All asked at one instant of the fake clock, so what was sent for at that instant is as new as any of them wanted.
        Assert.Equal(1, asked.Times);
    }

    [Fact]
    public async Task Callers_of_what_is_not_kept_each_ask_for_themselves_and_wait_for_nobody_the_next_time()
    {
        using var client = new Client();
        var (release, asked, uri) = Gated("no-store", etag: null);
        var calls = Enumerable.Range(0, 10).Select(_ => client.GetAsync(uri)).ToArray();
        await Client.Until(() => client.View.Statistics.Joins == 9);
        release.SetResult();
        Assert.All(await Task.WhenAll(calls), static answer => Assert.Equal("body", answer.Body));
        Assert.Equal(10, asked.Times);
        long joins = client.View.Statistics.Joins;
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => client.GetAsync(uri)));
        Assert.Equal(joins, client.View.Statistics.Joins);
        Assert.Equal(20, asked.Times);
    }

    [Fact]
    public async Task An_error_of_the_server_is_shared_by_those_who_waited_and_not_kept()
    {
        using var client = new Client();
        var (release, asked, uri) = Gated("max-age=60", etag: null, status: 500);
        var calls = Enumerable.Range(0, 10).Select(_ => client.GetAsync(uri)).ToArray();
        await Client.Until(() => client.View.Statistics.Joins == 9);
        release.SetResult();
        Assert.All(await Task.WhenAll(calls), static answer => Assert.Equal((HttpStatusCode.InternalServerError, "body"), (answer.Status, answer.Body)));
        Assert.Equal(1, asked.Times);
    }

    [Fact]
    public async Task Who_turns_away_takes_the_request_from_nobody()
    {
        using var client = new Client();
        var (release, asked, uri) = Gated("max-age=60", etag: null);
        using var impatience = new CancellationTokenSource();
        var leader = client.Http.GetAsync(uri, impatience.Token);
        await Client.Until(() => asked.Times == 1);
        var other = client.GetAsync(uri);
        await Client.Until(() => client.View.Statistics.Joins == 1);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        release.SetResult();
        Assert.Equal("body", (await other).Body);
        Assert.Equal(1, asked.Times);
    }

    [Fact]
    public async Task When_all_have_turned_away_the_request_is_given_up()
    {
        using var client = new Client();
        var aborted = new TaskCompletionSource();
        var asked = new Origin.Counted();
        var uri = origin.Serve(async context =>
        {
            asked.Next();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(static _ => { }, TestContext.Current.CancellationToken);
            aborted.TrySetResult();
        });
        using var impatience = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 3).Select(_ => client.Http.GetAsync(uri, impatience.Token)).ToArray();
        await Client.Until(() => asked.Times == 1 && client.View.Statistics.Joins == 2);
        await impatience.CancelAsync();
        foreach (var call in calls) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await aborted.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_was_fetched_while_the_resource_changed_is_not_kept()
    {
        using var client = new Client();
        var (release, asked, uri) = Gated("max-age=60", etag: null);
        var before = client.GetAsync(uri);
        await Client.Until(() => asked.Times == 1);
        await client.AskAsync(HttpMethod.Put, uri);
        release.SetResult();
        Assert.Equal("body", (await before).Body);
        await client.GetAsync(uri);
        Assert.Equal(2, asked.Times);
    }

    private (TaskCompletionSource Release, Origin.Counted Asked, Uri Uri) Gated(string cacheControl, string? etag, int status = 200)
    {
        var release = new TaskCompletionSource();
        var asked = new Origin.Counted();
        return (release, asked, origin.Serve(async context =>
        {
            if (context.Request.Method == "PUT") return;
            asked.Next();
            await release.Task;
            context.Response.StatusCode = status;
            context.Response.Headers.CacheControl = status == 200 ? cacheControl : default;
            if (etag is not null) context.Response.Headers.ETag = etag;
            await context.Response.WriteAsync("body");
        }));
    }
}
