namespace Larder.Cli.Reports;

/// <summary>The advice for a trace; and, if they were replayed, the hit ratios that it foretells.</summary>
internal sealed record VerifiedAdvice(string Trace, CacheAdvice Advice, double[]? RealAtCapacities, double[]? RealOfPolicies);

/// <summary>Advice for people, in two tables and some sentences, and for programs.</summary>
internal static class AdviceReport
{
    private sealed record AtCapacity(long Capacity, double HitRatio, double? RealHitRatio);

    private sealed record UnderPolicy(string Policy, double HitRatio, double? RealHitRatio);

    public static void Write(TextWriter output, VerifiedAdvice verified)
    {
        var advice = verified.Advice;
        output.WriteLine($"{verified.Trace}: {Numbers.Whole(advice.Capacity)} entries under {advice.Policy}, from {Numbers.Whole(advice.Samples)} requests for {Numbers.Percent(advice.SamplingRate)} % of the keys");
        var capacities = PlainTable.Create(">capacity", ">expected %", ">points", ">real %", ">off by");
        for (int i = 0; i < advice.Capacities.Count; i++) Add(capacities, Numbers.Whole(advice.Capacities[i].Capacity), advice.Capacities[i].HitRatio, verified.RealAtCapacities?[i]);
        PlainTable.Write(output, capacities);
        var policies = PlainTable.Create("policy", ">expected %", ">points", ">real %", ">off by");
        for (int i = 0; i < advice.Policies.Count; i++) Add(policies, advice.Policies[i].Policy, advice.Policies[i].HitRatio, verified.RealOfPolicies?[i]);
        PlainTable.Write(output, policies);
        foreach (string sentence in advice.Sentences) output.WriteLine(sentence);

        void Add(Spectre.Console.Table table, string what, double expected, double? real) => PlainTable.Add(
            table, what, Numbers.Percent(expected), Numbers.Points(100 * (expected - advice.ExpectedHitRatio)), Numbers.Points(100 * real), Numbers.Points(100 * (expected - real)));
    }

    public static object ForPrograms(VerifiedAdvice verified) => new
    {
        verified.Trace,
        verified.Advice.Policy,
        verified.Advice.Capacity,
        verified.Advice.SamplingRate,
        verified.Advice.Samples,
        verified.Advice.HasEnough,
        verified.Advice.ExpectedHitRatio,
        Capacities = verified.Advice.Capacities.Select((estimate, i) => new AtCapacity(estimate.Capacity, estimate.HitRatio, verified.RealAtCapacities?[i])),
        Policies = verified.Advice.Policies.Select((estimate, i) => new UnderPolicy(estimate.Policy, estimate.HitRatio, verified.RealOfPolicies?[i])),
        verified.Advice.Sentences,
    };
}
