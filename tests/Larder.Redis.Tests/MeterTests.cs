using System.Diagnostics.Metrics;
using Larder.Redis.Tests.Support;

namespace Larder.Redis.Tests;

public sealed class MeterTests
{
    [Fact]
    public async Task Each_answer_is_measured_under_the_servers_address()
    {
        await using var server = await RedisServer.StartAsync();
        int answers = 0;
        using var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => { if (instrument.Name == "larder.redis.command.duration") listener.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<double>((_, took, tags, _) =>
        {
            var all = new Dictionary<string, object?>(tags.ToArray());
            if (Equals(all["server.port"], server.Options.Port) && Equals(all["server.address"], server.Options.Host) && took >= 0) Interlocked.Increment(ref answers);
            throw new TimeZoneNotFoundException(); // Which is no reason to break the link.
        });
        listener.Start();
        await using var client = await RedisClient.ConnectAsync(server.Options);
        await using var tier = new RedisTier(client, "metered");
        int before = answers;
        await tier.SetAsync([new(new("metered/0/s/a"), new byte[] { 7 }, DateTimeOffset.MaxValue)]);
        await tier.RemoveAsync([new("metered/0/s/a")]);
        Assert.True(client.IsConnected);
        Assert.True(answers >= before + 2);
    }
}
