using System.Buffers;
using System.Text;
using Larder.Tiers;

namespace Larder;

/// <summary>How keys become the bytes under which tiers keep their entries, and keys again. The same in every process, culture and version.</summary>
/// <remarks>Two different keys must have different bytes, and what <see cref="Write"/> wrote, <see cref="TryRead"/> reads.</remarks>
/// <example><code>
/// sealed class OrderKeys : KeyFormat&lt;OrderId&gt;
/// {
///     public override string Tag =&gt; "order";
///     public override void Write(OrderId key, IBufferWriter&lt;byte&gt; target) =&gt; Encoding.UTF8.GetBytes($"{key.Year}-{key.Number}", target);
///     public override bool TryRead(ReadOnlySpan&lt;byte&gt; bytes, out OrderId key) =&gt; OrderId.TryParse(bytes, out key);
/// }
/// </code></example>
public abstract class KeyFormat<TKey>
{
    /// <summary>A short word for the type of the keys, so that keys of two types are never the same: letters, digits and hyphens.</summary>
    public abstract string Tag { get; }

    /// <summary>Writes the key's bytes; UTF-8 text, if a tier is to be read by people.</summary>
    public abstract void Write(TKey key, IBufferWriter<byte> target);

    /// <summary>Reads a key from exactly its bytes. Returns false if they are none.</summary>
    public abstract bool TryRead(ReadOnlySpan<byte> bytes, out TKey key);
}

/// <summary>The formats that come along, and one by two functions.</summary>
public static class KeyFormat
{
    /// <summary>The format of text (itself), numbers, <see cref="Guid"/>, <see cref="bool"/>, <see cref="char"/> and the types of time (invariant text).</summary>
    /// <exception cref="NotSupportedException">It is none of these types.</exception>
    public static KeyFormat<TKey> Default<TKey>() =>
        TextKeys.Of<TKey>() ?? throw new NotSupportedException($"{typeof(TKey)} has no key format of its own; give one with {nameof(KeyFormat)}.{nameof(Of)}.");

    /// <summary>Whether <see cref="Default{TKey}"/> takes the type.</summary>
    public static bool HasDefault<TKey>() => TextKeys.Of<TKey>() is not null;

    /// <summary>A format by two functions over text.</summary>
    /// <param name="tag">See <see cref="KeyFormat{TKey}.Tag"/>.</param>
    /// <param name="write">The key's text: for each key another, whatever the culture.</param>
    /// <param name="read">The key of that text.</param>
    public static KeyFormat<TKey> Of<TKey>(string tag, Func<TKey, string> write, Func<string, TKey> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(read);
        return new ByFunctions<TKey>(tag, write, read);
    }

    private sealed class ByFunctions<TKey>(string tag, Func<TKey, string> write, Func<string, TKey> read) : KeyFormat<TKey>
    {
        public override string Tag => tag;

        public override void Write(TKey key, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(write(key), target);

        public override bool TryRead(ReadOnlySpan<byte> bytes, out TKey key)
        {
            try
            {
                key = read(Encoding.UTF8.GetString(bytes));
                return true;
            }
            catch (Exception)
            {
                // The user's function: bytes that it does not take are no key.
                key = default!;
                return false;
            }
        }
    }
}
