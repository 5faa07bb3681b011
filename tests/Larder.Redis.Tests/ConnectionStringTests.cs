namespace Larder.Redis.Tests;

public sealed class ConnectionStringTests
{
    [Fact]
    public void Options_say_where_they_lead_and_never_a_password()
    {
        var options = RedisOptions.Parse("rediss://u:secret@a:1,b:2/3") with { Sentinel = new("shop") { User = "watcher", Password = "hidden" } };
        Assert.Equal("a:1,b:2/3, user u, TLS, sentinels of shop, user watcher", options.ToString());
        Assert.Equal("localhost:6379/0, user default", new RedisOptions { Password = "secret" }.ToString());
    }

    [Fact]
    public void Both_forms_say_the_same()
    {
        var list = RedisOptions.Parse("cache.example:6380,user=u,password=p@ss,ssl=true,defaultDatabase=2,name=shop,connectTimeout=1500,asyncTimeout=700,abortConnect=false");
        Assert.Equal(("cache.example", 6380, "u", "p@ss", 2, "shop"), (list.Host, list.Port, list.User, list.Password, list.Database, list.ClientName));
        Assert.Equal((1.5, 0.7), (list.ConnectTimeout.TotalSeconds, list.CommandTimeout.TotalSeconds));
        Assert.Null(list.Tls!.TargetHost); // Each server's certificate is for its own name.
        Assert.Equal("other.example", RedisOptions.Parse("cache.example,sslHost=other.example").Tls!.TargetHost);
        var uri = RedisOptions.Parse("rediss://u:p%40ss@cache.example:6380/2");
        Assert.Equal((list.Host, list.Port, list.User, list.Password, list.Database, list.Tls.TargetHost), (uri.Host, uri.Port, uri.User, uri.Password, uri.Database, uri.Tls!.TargetHost));
        Assert.Equal(("localhost", 6379, null, null), (RedisOptions.Parse("localhost").Host, RedisOptions.Parse("redis://localhost").Port, RedisOptions.Parse("redis://localhost").Password, RedisOptions.Parse("localhost").Tls));
        Assert.Equal((null, "secret"), (RedisOptions.Parse("redis://:secret@localhost").User, RedisOptions.Parse("redis://:secret@localhost").Password));
    }

    [Fact]
    public void Several_servers_are_a_clusters_or_sentinels()
    {
        foreach (string text in new[] { "a:1,b,[::1]:3,password=p", "redis://:p@a:1,b,[::1]:3" })
        {
            var options = RedisOptions.Parse(text);
            Assert.Equal([new("a", 1), new("b", 6379), new("::1", 3)], options.Servers);
            Assert.Null(options.Sentinel);
            Assert.Equal("p", options.Password);
        }

        foreach (string text in new[] { "a,b:2,serviceName=mymaster,password=p,user=u,defaultDatabase=3", "redis-sentinel://u:p@a,b:2/3#mymaster" })
        {
            var options = RedisOptions.Parse(text);
            Assert.Equal([new("a", 26379), new("b", 2)], options.Servers);
            Assert.Equal(new("mymaster"), options.Sentinel);
            Assert.Equal(("u", "p", 3), (options.User, options.Password, options.Database));
        }

        Assert.Equal(new("m") { User = "su", Password = "sp" }, RedisOptions.Parse("a,sentinelUser=su,serviceName=m,sentinelPassword=sp").Sentinel);
    }

    [Theory]
    [InlineData("localhost:x", "port is 'x'")]
    [InlineData("localhost:70000", "Port is 70000")]
    [InlineData("localhost,ssl=maybe", "ssl is 'maybe'")]
    [InlineData("localhost,colour=red", "'colour'")]
    [InlineData("a:1,:2", "':2' has no name")]
    [InlineData("redis-sentinel://a:1", "names no master")]
    [InlineData("redis://a:1#mymaster", "must be 'redis-sentinel'")]
    [InlineData("a:1,sentinelPassword=x", "no serviceName")]
    [InlineData("a:1,serviceName=m,sentinelUser=x", "Sentinel.User is 'x'")]
    [InlineData("password=x", "names no server")]
    [InlineData("http://localhost", "scheme is 'http'")]
    [InlineData("redis://localhost/zero", "database is 'zero'")]
    [InlineData("localhost,user=u", "no Password")]
    [InlineData("localhost,name=two words", "ClientName")]
    public void A_bad_one_is_refused_with_the_part_that_is_bad(string text, string part) =>
        Assert.Contains(part, Assert.Throws<FormatException>(() => RedisOptions.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Waits_that_no_timer_can_run_are_refused_by_name()
    {
        var endless = TimeSpan.MaxValue;
        var error = Assert.Throws<ArgumentException>(() => new RedisClient(new RedisOptions { ConnectTimeout = endless, CommandTimeout = endless, LinkTimeout = endless, Reconnect = new() { Most = endless } }));
        foreach (string wait in new[] { "ConnectTimeout", "CommandTimeout", "LinkTimeout", "Reconnect.Most" })
            Assert.Contains($"{wait} is {endless}; it must be", error.Message, StringComparison.Ordinal);
        Assert.Contains("LinkTimeout is 50.00:00:00", Assert.Throws<FormatException>(() => RedisOptions.Parse("localhost,keepAlive=4320000")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_is_in_no_message()
    {
        foreach (string text in new[] { "localhost:x,password=hunter2", "redis://u:hunter2@localhost:1/x", "localhost,password=hunter2,colour=red" })
            Assert.DoesNotContain("hunter2", Assert.Throws<FormatException>(() => RedisOptions.Parse(text)).Message, StringComparison.Ordinal);
    }
}
