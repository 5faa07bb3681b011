namespace Larder.Tiers;

/// <summary>A key that is looked for in the tiers.</summary>
internal interface ITierWant<TKey, TValue>
{
    TKey Key { get; }

    /// <summary>Looks at what a tier had. Returns whether it will do, so that the tiers below are not asked.</summary>
    bool Take(TierFind<TValue> find);

    /// <summary>Hears in which state the tier at that level had the key.</summary>
    void Stamped(int level, TierStamp stamp);
}
