using Larder.Redis.Tests.Support;
using Larder.TestKit;
using Larder.Tiers;

namespace Larder.Redis.Tests;

public sealed class LinkTests
{
    private static readonly CancellationToken _none = CancellationToken.None;

    [Fact]
    public async Task A_password_a_user_and_a_database_are_told_and_wrong_ones_refused()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "root", "--user", "shop", "on", ">secret", "~larder:*", "&*", "+@all");
        var options = server.Options with { User = "shop", Password = "secret", Database = 3, ClientName = "test" };
        await using var client = await RedisClient.ConnectAsync(options);
        await using var tier = new RedisTier(client, "auth");
        await tier.SetAsync([new(new("auth/0/s/a"), new byte[] { 7 }, DateTimeOffset.MaxValue)]);
        Assert.Equal([7], await Read(tier, "auth/0/s/a"));
        await using var elsewhere = await RedisClient.ConnectAsync(options with { Database = 0 });
        Assert.Null(await Read(new(elsewhere, "auth"), "auth/0/s/a"));
        await Assert.ThrowsAsync<RedisException>(async () => await RedisClient.ConnectAsync(options with { Password = "wrong" }));
        var error = await Assert.ThrowsAsync<RedisException>(async () => await RedisClient.ConnectAsync(server.Options));
        Assert.Contains("NOAUTH", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_can_be_encrypted()
    {
        using var certificate = new Certificate();
        int port = RedisServer.FreePort();
        await using var server = await RedisServer.StartAsync(["--tls-port", $"{port}", .. certificate.Arguments]);
        var options = server.Options with { Port = port, Tls = certificate.Trust() };
        await using var client = await RedisClient.ConnectAsync(options);
        await using var tier = new RedisTier(client, "tls");
        await tier.SetAsync([new(new("tls/a"), new byte[100_000], DateTimeOffset.MaxValue)]);
        Assert.Equal(100_000, (await Read(tier, "tls/a"))!.Length);
        await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisClient.ConnectAsync(options with { Tls = new() { TargetHost = "localhost" } }));
    }

    [Fact]
    public async Task Under_every_fault_no_caller_gets_anothers_answer_none_hangs_and_afterwards_all_is_well()
    {
        const int keys = 200;
        int seed = Seeds.Next();
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new FaultProxy(server.Port);
        await using (var direct = await RedisClient.ConnectAsync(server.Options))
        {
            var writing = new RedisTier(direct, "fault");
            await writing.SetAsync([.. Enumerable.Range(0, keys).Select(static i => new TierEntry(new($"fault/{i}"), Value(i), DateTimeOffset.MaxValue))]);
        }

        await using var client = await RedisClient.ConnectAsync(server.Options with { Port = proxy.Port, CommandTimeout = TimeSpan.FromMilliseconds(300), LinkTimeout = TimeSpan.FromMilliseconds(600) });
        var tier = new RedisTier(client, "fault");
        using var stop = new CancellationTokenSource();
        long served = 0, failed = 0, damaged = 0;
        var callers = Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            var random = new Random(seed + caller);
            while (!stop.IsCancellationRequested)
            {
                int key = random.Next(keys);
                using var cancel = new CancellationTokenSource();
                if (random.Next(5) == 0) cancel.CancelAfter(TimeSpan.FromMilliseconds(random.Next(3)));
                using var found = new TierPayloads(1);
                try
                {
                    await tier.GetAsync([new($"fault/{key}")], found, cancel.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
                    if (!found.TryGet(0, out var value) || !IsWhole(value.Span))
                    {
                        Interlocked.Increment(ref damaged); // A byte was turned into another: as a miss, or seen by whoever looks at the checksum.
                        continue;
                    }

                    Assert.True(value.Span.SequenceEqual(Value(key)), $"With {Seeds.Variable}={seed}, key {key} was answered with another's value.");
                    Interlocked.Increment(ref served);
                }
                catch (Exception error) when (error is RedisConnectionException or OperationCanceledException || (error is TimeoutException && error.Message.Contains("answered", StringComparison.Ordinal)))
                {
                    Interlocked.Increment(ref failed);
                    await Task.Delay(1);
                }
            }
        })).ToArray();

        var chaos = new Random(seed);
        for (int i = 0; i < 40; i++)
        {
            proxy.Misbehave(chaos);
            await Task.Delay(chaos.Next(100), _none);
            proxy.Behave();
            await Task.Delay(chaos.Next(30), _none);
        }

        long before = Volatile.Read(ref served);
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30)))
            while (Volatile.Read(ref served) < before + 1000)
            {
                if (Array.Find(callers, static caller => caller.IsFaulted) is { } wrong) await wrong;
                await Task.Delay(10, patience.Token);
            }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Assert.True(failed > 0);
        Assert.True(damaged <= proxy.Corrupted, $"With {Seeds.Variable}={seed}, {damaged} answers were damaged, and only {proxy.Corrupted} bytes.");
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_at_once_and_found_when_it_comes()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisClient.ConnectAsync(server.Options));
        await using var client = new RedisClient(server.Options);
        var tier = new RedisTier(client, "late");
        await Assert.ThrowsAsync<RedisConnectionException>(async () => await Read(tier, "late/a"));
        await server.StartAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!client.IsConnected) await Task.Delay(5, patience.Token);
        Assert.Null(await Read(tier, "late/a"));
    }

    private static byte[] Value(int key)
    {
        byte[] value = [.. BitConverter.GetBytes(key), .. Enumerable.Repeat((byte)key, 100 + key)];
        return [.. value, .. BitConverter.GetBytes(Crc32C.Of(value))];
    }

    // As an envelope is.
    private static bool IsWhole(ReadOnlySpan<byte> value) => value.Length > 4 && BitConverter.ToUInt32(value[^4..]) == Crc32C.Of(value[..^4]);

    private static async Task<byte[]?> Read(RedisTier tier, string key)
    {
        using var found = new TierPayloads(1);
        await tier.GetAsync([new(key)], found);
        return found.TryGet(0, out var value) ? value.ToArray() : null;
    }
}
