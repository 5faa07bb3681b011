using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Larder.AspNetCore.Tests.Http;

/// <summary>Bodies that are too long, broken off, or somebody else's.</summary>
public sealed class BodyTests(Origin origin) : IClassFixture<Origin>
{
    private readonly byte[] _long = RandomNumberGenerator.GetBytes(300_000);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_too_long_goes_through_as_it_is_and_is_not_kept(bool isPromised)
    {
        using var client = new Client(new() { MaxBody = 100_000 });
        var (uri, asked) = Serve(_long, isPromised);
        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal(_long, await client.Http.GetByteArrayAsync(uri, TestContext.Current.CancellationToken));
            Assert.Equal(i, asked.Times);
        }

        Assert.Equal(0, client.View.Weight);
    }

    [Fact]
    public async Task A_body_of_just_the_length_allowed_is_kept_and_weighed()
    {
        using var client = new Client(new() { MaxBody = _long.Length });
        var (uri, asked) = Serve(_long, isPromised: false);
        for (int i = 0; i < 3; i++) Assert.Equal(_long, await client.Http.GetByteArrayAsync(uri, TestContext.Current.CancellationToken));
        Assert.Equal(1, asked.Times);
        Assert.InRange(client.View.Weight, _long.Length, _long.Length + 2_000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no-cache")]
    public async Task A_stream_of_events_comes_as_it_is_sent(string cacheControl)
    {
        using var client = new Client();
        var isRead = new TaskCompletionSource();
        var uri = origin.Serve(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = cacheControl;
            await context.Response.WriteAsync("data: one\n");
            await context.Response.Body.FlushAsync();
            await isRead.Task;
            await context.Response.WriteAsync("data: two\n");
        });
        using var response = await client.Http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("data: one", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        isRead.SetResult();
        Assert.Equal("data: two", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_an_error_and_not_kept()
    {
        using var client = new Client();
        var asked = new Origin.Counted();
        var uri = origin.Serve(async context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.ContentLength = 10;
            if (asked.Next() == 1)
            {
                await context.Response.WriteAsync("half ");
                await context.Response.Body.FlushAsync();
                context.Abort();
                return;
            }

            await context.Response.WriteAsync("whole body");
        });
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(uri));
        Assert.Equal("whole body", (await client.GetAsync(uri)).Body);
        Assert.Equal(2, asked.Times);
    }

    [Fact]
    public async Task A_body_shorter_than_promised_is_handed_on_and_not_kept()
    {
        int asked = 0;
        using var client = new Client(inner: new Stub(_ =>
        {
            asked++;
            var content = new ByteArrayContent([1, 2, 3]);
            content.Headers.ContentLength = 4;
            return new HttpResponseMessage { Content = content, Headers = { CacheControl = new() { MaxAge = TimeSpan.FromMinutes(1) } } };
        }));
        using var response = await client.Http.GetAsync(new Uri("http://stub/"), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] room = new byte[10];
        Assert.Equal(3, await stream.ReadAtLeastAsync(room, 10, throwOnEndOfStream: false, TestContext.Current.CancellationToken));
        Assert.Equal(0, client.View.Weight);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task What_another_resource_answered_is_not_kept_for_this_one()
    {
        using var client = new Client(inner: new SocketsHttpHandler());
        var (final, asked) = origin.Serve(client.Clock, "Cache-Control: max-age=60");
        var uri = origin.Serve(context =>
        {
            context.Response.Redirect(final.ToString());
            return Task.CompletedTask;
        });
        for (int i = 1; i <= 2; i++)
        {
            using var response = await client.Http.GetAsync(uri, TestContext.Current.CancellationToken);
            Assert.Equal(final, response.RequestMessage!.RequestUri);
            Assert.Equal(i, asked.Times);
        }
    }

    [Fact]
    public async Task Fields_of_one_connection_and_trailers_are_not_kept()
    {
        using var client = new Client(inner: new Stub(static _ => new HttpResponseMessage
        {
            Content = new StringContent("x"),
            Headers = { { "Cache-Control", "max-age=60" }, { "Connection", "X-Mine, close" }, { "X-Mine", "1" }, { "Keep-Alive", "5" }, { "X-Kept", ["1", "2"] } },
        }));
        await client.GetAsync(new("http://stub/"));
        var again = await client.GetAsync(new("http://stub/"));
        Assert.Equal(TimeSpan.Zero, again.Age);
        Assert.DoesNotContain(again.Headers, static line => line.StartsWith("Connection", StringComparison.Ordinal) || line.StartsWith("X-Mine", StringComparison.Ordinal) || line.StartsWith("Keep-Alive", StringComparison.Ordinal));
        Assert.Contains("X-Kept: 1", again.Headers);
        Assert.Contains("X-Kept: 2", again.Headers);

        // RFC 9110 §6.6.1: what came without a date has one.
        Assert.Contains(again.Headers, static line => line.StartsWith("Date", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_confirmation_brings_its_headers_along_and_leaves_those_of_the_body()
    {
        using var client = new Client();
        int asked = 0;
        var uri = origin.Serve(async context =>
        {
            bool isFirst = Interlocked.Increment(ref asked) == 1;
            context.Response.Headers.ETag = "\"a\"";
            context.Response.Headers.CacheControl = "max-age=10";
            context.Response.Headers["X-Version"] = isFirst ? "one" : "two";
            context.Response.Headers["X-Only"] = isFirst ? "first" : default;
            context.Response.ContentType = isFirst ? "text/plain" : "text/other";
            context.Response.StatusCode = isFirst ? 200 : 304;
            if (isFirst) await context.Response.WriteAsync("body");
        });
        await client.GetAsync(uri);
        client.Clock.Advance(TimeSpan.FromSeconds(10));
        var validated = await client.GetAsync(uri);
        Assert.Equal(2, asked);
        Assert.Equal("body", validated.Body);
        foreach (string line in new[] { "X-Version: two", "X-Only: first", "Content-Type: text/plain", "Content-Length: 4" }) Assert.Contains(line, validated.Headers);
    }

    private (Uri Uri, Origin.Counted Asked) Serve(byte[] body, bool isPromised)
    {
        var asked = new Origin.Counted();
        return (origin.Serve(async context =>
        {
            asked.Next();
            context.Response.Headers.CacheControl = "max-age=60";
            if (isPromised) context.Response.ContentLength = body.Length;
            foreach (byte[] part in body.Chunk(70_000))
            {
                await context.Response.Body.WriteAsync(part);
                await context.Response.Body.FlushAsync();
            }
        }), asked);
    }
}

/// <summary>What lies below the cache, where a server on a socket could not say it.</summary>
internal sealed class Stub(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = answer(request);
        response.RequestMessage = request;
        return Task.FromResult(response);
    }
}
