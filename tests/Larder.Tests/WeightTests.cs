namespace Larder.Tests;

public sealed class WeightTests
{
    public static TheoryData<string> Policies() => new(EvictionPolicy.All.Select(p => p.Name));

    [Theory]
    [MemberData(nameof(Policies))]
    public void Weights_whose_sum_is_no_number_keep_the_bound(string policy)
    {
        long[] weights = [long.MaxValue, long.MaxValue / 2, long.MaxValue / 3, 1, 0];
        foreach (int shards in (int[])[1, 4])
        {
            foreach (long capacity in (long[])[long.MaxValue, long.MaxValue / 2 + 1])
            {
                using var cache = new Cache<int, int>(new() { Capacity = capacity, Policy = EvictionPolicy.All.Single(p => p.Name == policy), Shards = new() { Count = shards } });
                for (int i = 0; i < 500; i++)
                {
                    cache.Set(i % 37, i, null, weights[i % 41 % weights.Length]);
                    Int128 sum = 0;
                    foreach (var (_, value) in cache) sum += weights[value % 41 % weights.Length];
                    Assert.True(sum <= capacity, $"{sum} held of {capacity}");
                    Assert.Equal((long)sum, cache.Weight);
                }

                cache.CheckIntegrity();
            }
        }
    }
}
