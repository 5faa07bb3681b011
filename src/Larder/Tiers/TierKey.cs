using System.Text;

namespace Larder;

/// <summary>A key as tiers see it: bytes, of UTF-8 text where the tier needs text. Equal when the bytes are.</summary>
/// <param name="bytes">The key's bytes; they must not change while the key is in use.</param>
public readonly struct TierKey(ReadOnlyMemory<byte> bytes) : IEquatable<TierKey>
{
    /// <summary>A key of text.</summary>
    public TierKey(string text) : this(Encoding.UTF8.GetBytes(text)) { }

    /// <summary>The key's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    /// <summary>Whether both have the same bytes.</summary>
    public static bool operator ==(TierKey left, TierKey right) => left.Equals(right);

    /// <summary>Whether their bytes differ.</summary>
    public static bool operator !=(TierKey left, TierKey right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(TierKey other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TierKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>The key as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes.Span);
}
