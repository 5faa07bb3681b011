using Larder.Redis.Tests.Support;

namespace Larder.Redis.Tests;

/// <summary>Coherence by messages, between two clients of a real server.</summary>
public sealed class PubSubTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private RedisClient _one = null!;
    private RedisClient _other = null!;
    private PubSubChannel _speaker = null!;
    private PubSubChannel _listener = null!;
    private readonly Ear _own = new();
    private readonly Ear _ear = new();

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _one = await RedisClient.ConnectAsync(Node.Patient(_server.Options));
        _other = await RedisClient.ConnectAsync(Node.Patient(_server.Options));
        _speaker = new(_one, "talk");
        _listener = new(_other, "talk");
        await _speaker.ListenAsync(_own);
        await _listener.ListenAsync(_ear);
    }

    public async ValueTask DisposeAsync()
    {
        if (_speaker is not null) await _speaker.DisposeAsync();
        if (_listener is not null) await _listener.DisposeAsync();
        if (_one is not null) await _one.DisposeAsync();
        if (_other is not null) await _other.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_one_tells_the_others_hear_in_order_and_nobody_hears_himself()
    {
        await _speaker.PublishAsync(Invalidation.Of(new TierKey("talk/0/s/a"), new TierKey("talk/0/s/b")));
        await _speaker.PublishAsync(Invalidation.Everything);
        await Eventually(() => _ear.Said.Count == 3);
        Assert.Equal(["restored", "keys talk/0/s/a talk/0/s/b", "everything"], _ear.Said);
        Assert.Equal(["restored"], _own.Said);
    }

    [Fact]
    public async Task A_beginning_of_keys_is_told_as_that()
    {
        await _speaker.PublishAsync(Invalidation.OfPrefix(new("talk/0/s/user/")));
        await Eventually(() => _ear.Said.Count == 2);
        Assert.Equal(["restored", "prefix talk/0/s/user/"], _ear.Said);
    }

    [Fact]
    public async Task Many_keys_go_in_several_messages_and_all_arrive()
    {
        await _speaker.PublishAsync(Invalidation.Of([.. Enumerable.Range(0, 1234).Select(static i => new TierKey($"talk/0/s/{i}"))]));
        await Eventually(() => _ear.Keys == 1234);
        Assert.Equal(4, _ear.Said.Count); // The link, and three messages.
    }

    [Fact]
    public async Task A_link_that_breaks_or_falls_silent_is_said_to_be_lost_and_when_it_is_back_everything_is_distrusted()
    {
        await using var proxy = new FaultProxy(_server.Port);
        await using var client = await RedisClient.ConnectAsync(_server.Options with { Port = proxy.Port });
        await using var channel = new PubSubChannel(client, "talk");
        var ear = new Ear();
        await channel.ListenAsync(ear);
        foreach (var fault in new Action[] { proxy.Cut, () => proxy.Swallows = true, () => proxy.SwallowsAnswers = true })
        {
            int before = ear.Said.Count;
            fault();
            await Eventually(() => ear.Said.Count > before);
            Assert.Equal("lost", ear.Said[before]);
            proxy.Behave();
            await Eventually(() => ear.Said.Count > before + 1);
            Assert.Equal("restored", ear.Said[before + 1]);
            await _speaker.PublishAsync(Invalidation.Of(new TierKey("talk/0/s/a")));
            await Eventually(() => ear.Said[^1] == "keys talk/0/s/a");
        }
    }

    [Fact]
    public async Task A_message_that_is_missing_is_missed()
    {
        byte[] channel = RedisNames.Messages("talk");
        Say(InvalidationMessage.Write(Invalidation.Of(new TierKey("talk/0/s/a")), origin: 7, number: 1));
        Say(InvalidationMessage.Write(Invalidation.Of(new TierKey("talk/0/s/b")), origin: 7, number: 3));
        Say(InvalidationMessage.WriteHeartbeat(origin: 7, number: 3));
        Say(InvalidationMessage.WriteHeartbeat(origin: 7, number: 4));
        Say(InvalidationMessage.Write(Invalidation.Of(new TierKey("talk/0/s/c")), origin: 7, number: 5));
        Say([1, 2, 3]);
        await Eventually(() => _ear.Said.Count == 9);
        Assert.Equal(["restored", "keys talk/0/s/a", "lost", "restored", "lost", "restored", "keys talk/0/s/c", "lost", "restored"], _ear.Said);

        void Say(byte[] message) => _ = _one.SendAsync(static (ref reader) => reader.Integer, CancellationToken.None, ["PUBLISH"u8.ToArray(), channel, message]).AsTask();
    }

    [Fact]
    public async Task A_server_that_answers_but_passes_no_messages_on_is_noticed()
    {
        await using var deaf = await RedisServer.StartAsync("--user", "default", "on", "nopass", "~*", "+@all", "&*", "--user", "mute", "on", ">x", "~*", "+@all", "&*", "-publish");
        await using var client = await RedisClient.ConnectAsync(deaf.Options with { User = "mute", Password = "x" });
        await using var channel = new PubSubChannel(client, "talk");
        var ear = new Ear();
        await channel.ListenAsync(ear);
        await Eventually(() => ear.Said.Count == 2);
        Assert.Equal(["restored", "lost"], ear.Said);
        Assert.True(client.IsConnected);
    }

    [Fact]
    public async Task Caches_without_a_tier_are_kept_in_step_by_it()
    {
        await using var one = Open(_one);
        await using var other = Open(_other);
        await Eventually(() => one.CoherenceStatistics.IsLinked && other.CoherenceStatistics.IsLinked);
        Assert.Equal("loaded a", await one.GetAsync("a"));
        Assert.Equal("loaded a", await other.GetAsync("a"));
        await one.SetAsync("a", "new");
        await Eventually(() => !other.Contains("a"));
        Assert.True(one.Contains("a"));

        static LoadingCache<string, string> Open(RedisClient client) =>
            new(static (key, _) => new($"loaded {key}"), new() { Name = "pair", Coherence = new(new PubSubChannel(client, "pair")) });
    }

    private static async Task Eventually(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds()) await Task.Delay(5, patience.Token);
    }
}
