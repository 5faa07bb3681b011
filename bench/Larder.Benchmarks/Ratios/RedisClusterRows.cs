using Larder.Benchmarks.Measuring;

namespace Larder.Benchmarks.Ratios;

/// <summary>What do reads of a cluster of three cost, beside those of one server? Both are started here, and read in turns.</summary>
internal static class RedisClusterRows
{
    private const int Rounds = 5;
    private static readonly TimeSpan _round = TimeSpan.FromSeconds(1);

    internal static IEnumerable<Question> Questions => [new("redis-cluster", static () => Task.Run(AskAsync).GetAwaiter().GetResult())];

    private static async Task<Row[]> AskAsync()
    {
        using var server = RedisProcess.Start();
        var nodes = await RedisProcess.StartClusterAsync();
        try
        {
            await using var single = await RedisProcess.ConnectAsync(server.Options);
            await using var several = await RedisProcess.ConnectAsync(nodes[0].Options);
            RedisTier one = await TierReading.FillAsync(single), cluster = await TierReading.FillAsync(several);
            double[] ofOne = new double[Rounds], ofCluster = new double[Rounds];
            double bytesOfOne = 0, bytes = 0;
            await TierReading.ReadAsync(one, TierReading.Callers, _round);
            await TierReading.ReadAsync(cluster, TierReading.Callers, _round);
            for (int i = 0; i < Rounds; i++)
            {
                (ofOne[i], bytesOfOne) = await TierReading.ReadAsync(one, TierReading.Callers, _round);
                (ofCluster[i], bytes) = await TierReading.ReadAsync(cluster, TierReading.Callers, _round);
            }

            return
            [
                new("redis-cluster/read", TierReading.Median(ofCluster) / 1000, TierReading.Median(ofOne) / 1000, bytes, Note: $"thousand/s, {TierReading.Callers} callers of {TierReading.ValueLength} bytes, three masters : one server"),
                new("redis-cluster/bytes", bytes, TierReading.MostBytes, bytes, Goal.RatioAtMost(1), $"bytes allocated a read, receiver and task included : goal; of one server {bytesOfOne:0}"),
            ];
        }
        finally
        {
            foreach (var node in nodes) node.Dispose();
        }
    }
}
