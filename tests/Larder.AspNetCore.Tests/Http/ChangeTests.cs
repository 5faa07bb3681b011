namespace Larder.AspNetCore.Tests.Http;

/// <summary>What a change forgets beside its own resource (RFC 9111 §4.4).</summary>
public sealed class ChangeTests(Origin origin) : IClassFixture<Origin>
{
    [Theory]
    [InlineData("X-Location", true)]
    [InlineData("X-Content-Location", true)]
    [InlineData("X-Location", false)]
    public async Task What_the_answer_names_is_forgotten_if_it_is_of_the_same_origin(string header, bool isRelative)
    {
        using var client = new Client();
        var (changed, _) = origin.Serve(client.Clock, "");
        var (named, asked) = origin.Serve(client.Clock, "Cache-Control: max-age=60");
        await client.GetAsync(named);
        await client.AskAsync(HttpMethod.Post, changed, $"{header}: {(isRelative ? named.PathAndQuery : named)}");
        await client.GetAsync(named);
        Assert.Equal(2, asked.Times);
    }

    [Fact]
    public async Task What_is_of_another_origin_is_not()
    {
        using var client = new Client();
        await using var other = new Origin();
        await other.InitializeAsync();
        var (named, asked) = origin.Serve(client.Clock, "Cache-Control: max-age=60");
        await client.GetAsync(named);
        await client.AskAsync(HttpMethod.Post, other.Serve(client.Clock, "").Uri, $"X-Location: {named}");
        await client.GetAsync(named);
        Assert.Equal(1, asked.Times);
    }

    [Fact]
    public async Task A_fragment_is_no_part_of_an_address_and_a_host_is()
    {
        using var client = new Client();
        var (uri, asked) = origin.Serve(client.Clock, "Cache-Control: max-age=60");
        await client.GetAsync(new(uri + "#here"));
        await client.GetAsync(uri);
        Assert.Equal(1, asked.Times);
        await client.GetAsync(uri, "Host: other.example");
        await client.GetAsync(uri, "Host: OTHER.example");
        Assert.Equal(2, asked.Times);
    }

    [Fact]
    public async Task Requests_may_be_parted_by_whatever_tells_users_apart()
    {
        using var client = new Client(new() { Partition = static request => request.Headers.TryGetValues("X-User", out var user) ? user.Single() : null });
        var (uri, asked) = origin.Serve(client.Clock, "Cache-Control: max-age=60");
        foreach (string user in new[] { "a", "b", "a", "b" }) await client.GetAsync(uri, $"X-User: {user}", $"Authorization: {Guid.NewGuid()}");
        Assert.Equal(2, asked.Times);
    }
}
