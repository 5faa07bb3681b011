namespace Larder.Eviction;

/// <summary>Which of a node's two places a chain keeps: chains of one kind and of the other may hold the same node.</summary>
internal interface INodePlace
{
    /// <summary>Where the node is among the chains of this kind; zero when it is in none.</summary>
    static abstract ref int Of(EvictionNode node);
}
