namespace Larder.Cli.Regret;

/// <summary>One policy on one trace at one capacity, beside what the reference says. All ratios in percent, so differences are points.</summary>
/// <param name="Reference">The reference's hit ratio for the policy of the same name, if it has one.</param>
/// <param name="Best">The best hit ratio of the nine fixed policies in the reference, that of <paramref name="BestPolicy"/>.</param>
internal sealed record RegretRow(string Trace, long Capacity, string Policy, double HitRatio, double? Reference, string BestPolicy, double Best)
{
    /// <summary>What choosing the best fixed policy by hindsight would have gained. Below zero: nothing.</summary>
    public double Regret => Best - HitRatio;

    public double? Deviation => HitRatio - Reference;
}
