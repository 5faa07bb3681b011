using System.Diagnostics.CodeAnalysis;

namespace Larder.Memory;

/// <summary>Finds string keys by their characters, without a string of them.</summary>
internal static class SpanLookup
{
    extension<TValue>(MemoryCore<string, TValue> core)
    {
        /// <summary>As the other, for the key with these characters.</summary>
        internal bool TryGet(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out TValue value)
        {
            int hash = core.Keys.Hash(key);
            var table = core.Shards.TableOf(hash);
            while (true)
            {
                var buckets = table.Buckets;
                var entry = EntryTable<string, TValue>.First(buckets, hash);
                while (entry is not null && !(entry.Hash == hash && core.Keys.Equal(key, entry.Key))) entry = Volatile.Read(ref entry.Next);
                if (entry is null && !table.IsSettled(buckets)) continue;
                return core.Use(entry, hash, out value) == ReadStatus.Hit;
            }
        }

        /// <summary>As the other, for the key with these characters.</summary>
        internal Entry<string, TValue>? FindQuickly(ReadOnlySpan<char> key)
        {
            int hash = core.Keys.Hash(key);
            var entry = EntryTable<string, TValue>.First(core.HitTables.For(hash), hash);
            while (entry is not null && !core.Keys.Equal(key, entry.Key)) entry = Volatile.Read(ref entry.Next);
            return entry;
        }
    }
}
