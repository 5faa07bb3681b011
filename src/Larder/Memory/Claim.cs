namespace Larder.Memory;

/// <summary>
/// Work under way for one key. What it brings is stored only if nothing was written to the key, and nothing removed,
/// since it began: whoever does either supersedes it.
/// </summary>
internal abstract class Claim
{
    /// <summary>What it brings is no longer to be stored. Guarded by the shard's lock.</summary>
    internal bool IsSuperseded { get; set; }

    /// <summary>Other work for the same key, which does not share its result. Guarded by the shard's lock.</summary>
    internal Claim? Next { get; set; }

    /// <summary>Whether storing its result leaves the other work for the key valid: for what may be older than that.</summary>
    internal virtual bool Yields => false;
}

/// <summary>Who wants work to be done for a key: by a claim under way, if it will do, else by one of its own, which is made only then.</summary>
internal interface IClaimMaker
{
    /// <summary>Whether what the claim brings will do.</summary>
    bool MayShare(Claim claim);

    /// <summary>Makes a claim of its own. Called under the shard's lock.</summary>
    Claim Make();
}
