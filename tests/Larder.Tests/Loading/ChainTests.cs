namespace Larder.Tests.Loading;

public sealed class ChainTests
{
    private readonly List<string> _calls = [];

    [Fact]
    public async Task Each_loader_is_asked_for_what_those_before_did_not_find()
    {
        await using var cache = Over(Many("a", 1, 2), Many("b", 3), Many("c", 4));
        var found = await cache.GetManyAsync([1, 2, 3]);
        Assert.Equal(["a:1,2,3", "b:3"], _calls);
        Assert.Equal(["a1", "a2", "b3"], found.OrderBy(f => f.Key).Select(f => f.Value));
    }

    [Fact]
    public async Task A_single_miss_goes_through_the_chain_too()
    {
        await using var cache = Over(One("a"), One("b", 5), One("c", 5));
        Assert.Equal("b5", await cache.GetAsync(5));
        Assert.Equal(["a:5", "b:5"], _calls);
        Assert.Equal(ReadStatus.Absent, (await cache.ReadAsync(6)).Status);
    }

    [Fact]
    public async Task A_later_loader_s_value_wins()
    {
        await using var cache = Over(Many("a", 1), Many("b", 1, 2));
        var found = await cache.GetManyAsync([1, 2]);
        Assert.Equal(["b1", "b2"], found.OrderBy(f => f.Key).Select(f => f.Value));
        Assert.Equal(["a:1,2", "b:2"], _calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_error_stops_the_chain_and_what_was_found_is_kept_only_if_told_so(bool keeps)
    {
        await using var cache = new LoadingCache<int, string>(new LoadingCacheOptions<int, string>
        {
            Loaders = [Many("a", 1), Throwing, Many("c", 2)],
            Batches = new() { KeepsFoundOnError = keeps },
        });
        var read = await cache.ReadManyAsync([1, 2]);
        Assert.IsType<TimeZoneNotFoundException>(read[2].Error);
        Assert.Equal(keeps ? "a1" : null, read[1].Value);
        Assert.Equal(keeps ? ReadStatus.Hit : ReadStatus.Miss, cache.Peek(1).Status);
        Assert.Equal(["a:1,2"], _calls);
    }

    [Fact]
    public async Task Single_and_batch_loaders_mix()
    {
        await using var cache = Over(One("one", 1), Many("many", 2, 3));
        Assert.Equal(3, (await cache.GetManyAsync([1, 2, 3])).Count);
        Assert.Equal("many:2,3", _calls[^1]);
    }

    private static IBatchLoader<int, string> Throwing { get; } = Loader.ForMany<int, string>(static (_, _) => throw new TimeZoneNotFoundException());

    private static LoadingCache<int, string> Over(params ILoader<int, string>[] loaders) => new(new LoadingCacheOptions<int, string> { Loaders = loaders });

    private ILoader<int, string> One(string name, params int[] keys) => Loader.For<int, string>((LoadRequest<int, string> request, CancellationToken _) =>
    {
        lock (_calls) _calls.Add($"{name}:{request.Key}");
        return new(keys.Contains(request.Key) ? new Loaded<string>(name + request.Key) : Loaded<string>.Absent);
    });

    // Brings all its keys, asked for or not, if it is asked for any.
    private IBatchLoader<int, string> Many(string name, params int[] keys) => Loader.ForMany<int, string>((asked, _) =>
    {
        _calls.Add($"{name}:{string.Join(',', asked)}");
        return new(keys.ToDictionary(k => k, k => name + k));
    });
}
