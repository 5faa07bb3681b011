using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Larder.Tiers;

namespace Larder;

/// <summary>The tags of an entry: words by which many entries are removed together. A few of them; without an array for none or one.</summary>
/// <remarks>
/// At most <see cref="MaxCount"/> tags of 1 to <see cref="MaxLength"/> characters each, not all of them blank and none of them half of a surrogate pair; one that is there twice counts once.
/// <c>*</c> is no tag of an entry: removing by it means everything.
/// </remarks>
/// <example><code>
/// await products.SetAsync(7, product, tags: ["catalogue", $"supplier:{product.Supplier}"]);
/// await products.RemoveByTagAsync("supplier:12");
/// </code></example>
[CollectionBuilder(typeof(TagSet), nameof(Create))]
public readonly struct TagSet : IEquatable<TagSet>
{
    /// <summary>How many tags an entry may have.</summary>
    public const int MaxCount = 256;

    /// <summary>How many characters a tag may have.</summary>
    public const int MaxLength = 256;

    /// <summary>Stands for everything where something is removed by tag.</summary>
    public const string Everything = "*";

    private readonly object? _tags; // Null, a string, or a string[] of two or more that are all different.

    private TagSet(object? tags) => _tags = tags;

    /// <summary>How many there are.</summary>
    public int Count => _tags switch { null => 0, string => 1, var many => ((string[])many).Length };

    /// <summary>A set of these tags.</summary>
    /// <exception cref="ArgumentException">There are too many of them, or one is not allowed.</exception>
    public static TagSet Create(params ReadOnlySpan<string> tags)
    {
        if (tags.Length > MaxCount) throw new ArgumentException($"There are {tags.Length} tags; there may be {MaxCount}.", nameof(tags));
        foreach (var tag in tags) Check(tag, nameof(tags));
        if (tags.Length == 0) return default;
        if (tags.Length == 1) return new(tags[0]);
        var distinct = new string[tags.Length];
        int count = 0;
        foreach (var tag in tags)
            if (!distinct.AsSpan(0, count).Contains(tag)) distinct[count++] = tag;
        return count == 1 ? new(distinct[0]) : new(count == distinct.Length ? distinct : distinct[..count]);
    }

    /// <summary>Whether both hold the same tags in the same order.</summary>
    public static bool operator ==(TagSet left, TagSet right) => left.Equals(right);

    /// <summary>Whether they do not.</summary>
    public static bool operator !=(TagSet left, TagSet right) => !left.Equals(right);

    /// <summary>Whether the tag is among them.</summary>
    public bool Contains(string tag)
    {
        foreach (var own in this)
            if (own == tag) return true;
        return false;
    }

    /// <summary>Goes through the tags.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <inheritdoc/>
    public bool Equals(TagSet other)
    {
        if (Count != other.Count) return false;
        for (int i = 0; i < Count; i++)
            if (At(i) != other.At(i)) return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TagSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var tag in this) hash.Add(tag);
        return hash.ToHashCode();
    }

    /// <summary>The tags, with commas between them.</summary>
    public override string ToString() => _tags is string[] many ? string.Join(", ", many) : _tags as string ?? "";

    internal string At(int index) => _tags as string ?? ((string[])_tags!)[index];

    /// <summary>The tags of both.</summary>
    internal TagSet With(TagSet other)
    {
        if (other.Count == 0) return this;
        return Count == 0 ? other : [.. this, .. other];
    }

    /// <summary>Throws unless it may be the tag of an entry.</summary>
    internal static void Check(string tag, string name)
    {
        if (Fault(tag) is { } fault) throw new ArgumentException(fault, name);
    }

    /// <summary>Whether it may be the tag of an entry.</summary>
    internal static bool Allows(string tag) => Fault(tag) is null;

    /// <summary>A tag for those to whom any text is one: itself, or its SHA-256 if it may not be the tag of an entry.</summary>
    internal static string For(string text) => Allows(text) ? text : $"sha256:{Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())))}";

    private static string? Fault(string? tag)
    {
        if (string.IsNullOrWhiteSpace(tag)) return $"A tag is {(tag is null ? "null" : $"'{tag}'")}; it must have a character that is not blank.";
        if (tag.Length > MaxLength) return $"A tag has {tag.Length} characters; it may have {MaxLength}.";
        if (tag == Everything) return $"A tag is '{Everything}'; that stands for everything, and is no tag of an entry.";

        // Half of a pair has no UTF-8: all such tags would be the same in a tier, and to other processes.
        return WholeText.Is(tag) ? null : "A tag has half of a surrogate pair; it must be whole text.";
    }

    /// <summary>Goes through the tags of a set.</summary>
    public struct Enumerator
    {
        private readonly TagSet _set;
        private int _next;

        internal Enumerator(TagSet set) => _set = set;

        /// <summary>The tag it stands on.</summary>
        public readonly string Current => _set.At(_next - 1);

        /// <summary>Goes on to the next tag. Returns false if there is none.</summary>
        public bool MoveNext() => _next++ < _set.Count;
    }
}
