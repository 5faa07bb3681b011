namespace Larder.Tiers;

/// <summary>What a payload cannot say itself.</summary>
[Flags]
internal enum EnvelopeFlags : byte
{
    None = 0,

    /// <summary>The key is known not to exist. There is no payload.</summary>
    Absent = 1,

    /// <summary>The value is null. There is no payload.</summary>
    NullValue = 2,

    /// <summary>The payload is as the user's transform made it.</summary>
    Transformed = 4,
}
