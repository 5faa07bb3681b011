namespace Larder.Eviction;

/// <summary>A policy that knows which memory the next write will have it look at.</summary>
/// <remarks>
/// In a cache of a million entries, each of those looks waits for memory longer than all else that a write does. Announced at its
/// beginning they are under way together, with the search of the table.
/// </remarks>
internal interface IForesight
{
    /// <summary>A key is about to be written, and another entry to leave for it.</summary>
    void Expect(int hash);
}
