namespace Larder;

/// <summary>In which state a shared tier had a key when it was asked, whether it had a value or not. What the numbers mean only the tier knows.</summary>
/// <remarks>
/// What a loader brings was true some time ago. Written with the stamp that was there before the loader was asked, it takes the place of that
/// state only: if another process has written or removed the key meanwhile, it is not written.
/// </remarks>
/// <param name="Epoch">A number of everything that the tier has.</param>
/// <param name="State">A number of the key.</param>
/// <param name="Asked">When it was asked, by the tier's clock.</param>
public readonly record struct TierStamp(long Epoch, long State, long Asked)
{
    /// <summary>Nobody has asked; what is written with it is written only where there is nothing.</summary>
    public static TierStamp Nothing { get; } = new(long.MinValue, 0, long.MaxValue);
}
