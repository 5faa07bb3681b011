using System.Globalization;
using Larder.Redis.Tests.Support;
using Larder.Redis.Victim;
using Larder.TestKit;

namespace Larder.Redis.Tests;

/// <summary>Real processes over a cluster, whose slots move and whose masters give way to their replicas meanwhile, so that nothing is lost.</summary>
[Collection(SharedCluster.Name)]
public sealed class ClusterHistoryTests(ClusterFixture cluster, ITestOutputHelper output)
{
    private const int Rounds = 3;

    [Theory]
    [InlineData(RedisTracking.ByPrefix)]
    [InlineData(RedisTracking.ByKey)]
    public async Task No_process_reads_what_is_older_than_it_heard_or_than_the_bound_while_slots_move_and_masters_change(RedisTracking tracking)
    {
        int seed = Seeds.Next();
        await cluster.WholeAsync();
        await cluster.EmptyAsync();
        await HistoryRun.RunAsync([.. cluster.Servers.Take(3).Select(static server => server.Port)], tracking, seed, () => WorkAsync(new(seed)), output);
    }

    private async Task WorkAsync(Random random)
    {
        for (int round = 0; round < Rounds; round++)
        {
            await cluster.WholeAsync();
            for (int i = 0; i < 4; i++) await cluster.MoveAsync(SlotOf(random.Next(Truth.Keys)), () => Task.Delay(random.Next(150)));
            await cluster.SwitchAsync(await cluster.OwnerAsync(SlotOf(random.Next(Truth.Keys))));
            await Task.Delay(random.Next(300));
        }

        await cluster.WholeAsync();
    }

    private static int SlotOf(int key) => RedisNames.Slot(new(string.Create(CultureInfo.InvariantCulture, $"victim/0/i32/{key}")));
}
