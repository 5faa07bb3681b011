namespace Larder.Advising;

/// <summary>Reads of sampled keys, or those of them that hit; and the same with each read counted as often as its key had been used by then.</summary>
internal record struct Tally(double Reads, double Leverage)
{
    public void Add(double leverage)
    {
        Reads++;
        Leverage += leverage;
    }

    public void Add(Tally other)
    {
        Reads += other.Reads;
        Leverage += other.Leverage;
    }

    public void Fade(double by)
    {
        Reads *= by;
        Leverage *= by;
    }

    /// <summary>The share of all reads that would hit, where these did of a sample.</summary>
    /// <remarks>
    /// A sample has more or less than its share of the reads: that depends on which of the hottest keys are in it. SHARDS takes the difference for hits at whatever
    /// capacity (§3.4), which is right where the load is skewed and wrong where it is a loop. A key used f times is answerable for the difference in proportion to f²;
    /// so the difference is taken to hit as often as the sample's reads do, each counted with its key's uses: the estimator by regression of survey sampling.
    /// </remarks>
    /// <param name="sample">All reads of the sample.</param>
    /// <param name="expected">How many there should have been.</param>
    public readonly double RatioOf(Tally sample, double expected)
    {
        if (expected <= 0) return 0;
        double share = sample.Leverage > 0 ? Leverage / sample.Leverage : 0;
        return Math.Clamp((Reads + share * (expected - sample.Reads)) / expected, 0, 1);
    }
}
