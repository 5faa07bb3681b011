namespace Larder.Tests.Eviction;

internal sealed class TestNode(int key, long weight = 1) : EvictionNode(HashOf(key))
{
    public int Key => key;

    public override long Weight => weight;

    /// <summary>Spreads keys over all bits; distinct keys have distinct hashes.</summary>
    public static int HashOf(int key) => unchecked((int)((uint)key * 0x9E3779B1u));
}
