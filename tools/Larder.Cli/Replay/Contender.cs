using Larder.Cli.Traces;

namespace Larder.Cli.Replay;

/// <summary>Something to replay a trace through, under the name by which the command line calls it.</summary>
internal sealed record Contender(string Name, Func<Trace, long, ReplayOptions, ReplayResult> Run)
{
    private const string Every = "all";

    private static readonly Contender _opt = new(Belady.Name, Belady.Run);

    /// <summary>The policy that stands first: the cache's own default.</summary>
    public static string DefaultName => EvictionPolicy.All[0].Name;

    /// <summary>What a list of policies may hold, as an error message says it.</summary>
    public static string Allowed => string.Join(", ", EvictionPolicy.All.Select(p => p.Name).Append(Belady.Name).Append(Every));

    /// <summary>The same contenders, but through the real cache by so many threads. <c>opt</c> knows the future, which no cache does.</summary>
    public static Contender[] Concurrently(Contender[] contenders, int threads) => Array.ConvertAll(contenders, contender =>
    {
        var policy = EvictionPolicy.All.FirstOrDefault(p => p.Name == contender.Name)
            ?? throw new UserError($"--concurrent takes policies that a cache can have; '{contender.Name}' is none.");
        return contender with { Run = (trace, capacity, options) => ConcurrentReplay.Run(trace, policy, capacity, options, threads) };
    });

    /// <summary>Reads <c>sieve,opt</c>. <c>all</c> is every policy a cache can have, which <c>opt</c> is not.</summary>
    public static Contender[] Parse(string list)
    {
        var found = new List<Contender>();
        foreach (string name in list.Split(',', StringSplitOptions.TrimEntries))
            found.AddRange(Named(name));
        return [.. found.DistinctBy(contender => contender.Name)];
    }

    private static IEnumerable<Contender> Named(string name)
    {
        if (name.Equals(Every, StringComparison.OrdinalIgnoreCase)) return EvictionPolicy.All.Select(Of);
        if (name.Equals(Belady.Name, StringComparison.OrdinalIgnoreCase)) return [_opt];
        var policy = EvictionPolicy.All.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new UserError($"--policy '{name}' is not known: {Allowed} are.");
        return [Of(policy)];
    }

    private static Contender Of(EvictionPolicy policy) =>
        new(policy.Name, (trace, capacity, options) => PolicyReplay.Run(trace, policy, capacity, options));
}
