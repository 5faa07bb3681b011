namespace Larder.Loading;

/// <summary>What an entry that bears tags has beside its value.</summary>
/// <param name="Tag">What names this version at the source.</param>
/// <param name="Tags">Its tags; at least one.</param>
internal sealed record Marks(string? Tag, TagSet Tags);
