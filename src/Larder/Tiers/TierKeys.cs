using System.Text;

namespace Larder.Tiers;

/// <summary>
/// The names of one cache's keys in its tiers: <c>name/version/tag/key</c>. The version keeps two versions of a program from destroying
/// each other's entries, the tag two types of keys.
/// </summary>
internal sealed class TierKeys<TKey>
{
    private readonly KeyFormat<TKey> _format;
    private readonly byte[][] _prefixes; // From the current version back to the earliest that can be migrated.
    private readonly int _longest;

    private TierKeys(string cacheName, KeyFormat<TKey> format, int version, int migrations, int longest)
    {
        _format = format;
        _longest = longest;
        _prefixes = [.. Enumerable.Range(0, migrations + 1).Select(back => Encoding.UTF8.GetBytes($"{TierKeyNames.PrefixOf(cacheName, version - back)}{format.Tag}/"))];
    }

    internal static TierKeys<TKey> Of<TValue>(string cacheName, PayloadOptions<TKey, TValue> payloads) =>
        new(cacheName, payloads.Keys, payloads.SchemaVersion, payloads.Migrations.Count, payloads.MaxKeyLength);

    /// <summary>How many names a key has: one, and one for each version that can be migrated.</summary>
    internal int Names => _prefixes.Length;

    /// <summary>The key's name, of so many versions ago. Returns false if it is too long.</summary>
    /// <exception cref="Exception">What the format throws.</exception>
    internal bool TryName(TKey key, int versionsAgo, out TierKey name)
    {
        var prefix = _prefixes[versionsAgo];
        using var buffer = new PooledBuffer();
        _format.Write(key, buffer);
        if (prefix.Length + buffer.Length > _longest)
        {
            name = default;
            return false;
        }

        byte[] bytes = new byte[prefix.Length + buffer.Length];
        prefix.CopyTo(bytes, 0);
        buffer.Written.Span.CopyTo(bytes.AsSpan(prefix.Length));
        name = new(bytes);
        return true;
    }

    /// <summary>The key of a name of the current version. Returns false if it is none, be it that the format throws.</summary>
    internal bool TryRead(TierKey name, out TKey key)
    {
        key = default!;
        var bytes = name.Bytes.Span;
        try
        {
            foreach (var prefix in _prefixes)
            {
                if (bytes.StartsWith(prefix)) return _format.TryRead(bytes[prefix.Length..], out key);
            }
        }
        catch (Exception)
        {
            // What others name so is no key of this program.
        }

        return false;
    }
}

internal static class TierKeyNames
{
    // The name is escaped, so that no cache's keys begin with another's name and a slash.
    internal static TierKey PrefixOf(string cacheName, int version) =>
        new($"{Escaped(cacheName)}/{version}/");

    internal static string Escaped(string cacheName) => cacheName.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);
}
