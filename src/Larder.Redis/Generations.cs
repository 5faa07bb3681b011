using System.Buffers.Binary;
using System.Security.Cryptography;
using Larder.Redis.Protocol;
using Larder.Redis.Topology;

namespace Larder.Redis;

/// <summary>The number that what a tier has must bear to be there: clearing puts another in its place.</summary>
/// <remarks>
/// <para>It stands beside the entries it is for, so that both are read in one command: on one server there is one, in a cluster there is one in each slot. So no node is asked more than others,
/// none is needed for what another has, and what is read is never older than a clearing that was completed before.</para>
/// <para>Where a number is missing nothing is there, and the next who reads or writes there makes one: so what was begun before a clearing is never of a number that is true after it, and a server
/// that throws keys out brings nothing back with a number. In a cluster clearing takes the numbers away.</para>
/// </remarks>
internal sealed class Generations(RedisClient client, string cacheName)
{
    internal const int Length = 8;

    /// <summary>No number.</summary>
    internal const long None = 0;

    private const int ClearedAtOnce = 1024;

    private readonly byte[] _key = RedisNames.Generation(cacheName), _slotKey = RedisNames.SlotGeneration(cacheName), _cleared = RedisNames.Cleared(cacheName);
    private long _known; // Read and written at once. What was last heard of it, of one server.
    private long[]? _knownOfSlots; // Made by the first who needs it; replaced when all are forgotten. Each is read and written at once.

    /// <summary>The key's name, but for the <see cref="TagOf"/> its slot at its end.</summary>
    internal ReadOnlySpan<byte> KeyOf(int slot) => slot == SlotPart.Anywhere ? _key : _slotKey;

    internal static ReadOnlySpan<byte> TagOf(int slot) => slot == SlotPart.Anywhere ? [] : HashSlot.Tag(slot);

    /// <summary>What was last heard of it, whether it is true still or not.</summary>
    internal long Known(int slot) => slot == SlotPart.Anywhere ? Volatile.Read(ref _known) : Volatile.Read(ref _knownOfSlots) is { } known ? Volatile.Read(ref known[slot]) : None;

    /// <summary>Takes in what the server has.</summary>
    internal long Learn(int slot, ReadOnlySpan<byte> bytes)
    {
        long generation = bytes.Length == Length ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : None;
        if (slot == SlotPart.Anywhere) Volatile.Write(ref _known, generation);
        else Volatile.Write(ref OfSlots()[slot], generation);
        return generation;
    }

    /// <summary>The generation to write under. Made if there is none.</summary>
    internal async ValueTask<long> CurrentAsync(int slot, CancellationToken cancellationToken)
    {
        long current = await ReadAsync(slot, cancellationToken).ConfigureAwait(false);
        if (current != None) return current;
        byte[] made = await MakeAsync(slot, cancellationToken).ConfigureAwait(false);
        current = await ReadAsync(slot, cancellationToken).ConfigureAwait(false);
        return current != None ? current : BinaryPrimitives.ReadInt64LittleEndian(made); // Cleared once more: then what is written now is of no generation.
    }

    /// <summary>What the server has.</summary>
    internal ValueTask<long> ReadAsync(int slot, CancellationToken cancellationToken) =>
        client.SendAsync((ref reader) => Learn(slot, reader.Bytes), cancellationToken, ["GET"u8.ToArray(), (byte[])[.. KeyOf(slot), .. TagOf(slot)]]);

    /// <summary>Makes one where there is none. False if the server would not have it.</summary>
    internal async ValueTask<bool> TryMakeAsync(int slot, CancellationToken cancellationToken)
    {
        try
        {
            await MakeAsync(slot, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RedisException)
        {
            return false; // It is full, or may only be read: no reason for a read to fail.
        }
    }

    // Whoever is first makes it.
    private async ValueTask<byte[]> MakeAsync(int slot, CancellationToken cancellationToken)
    {
        byte[] made = Next();
        await client.SendAsync(static (ref _) => true, cancellationToken, Making([.. KeyOf(slot), .. TagOf(slot)], made)).ConfigureAwait(false);
        return made;
    }

    /// <summary>Puts all that there is out of sight, then tells whoever listens.</summary>
    internal async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        await client.KnowAsync(cancellationToken).ConfigureAwait(false);
        if (!client.IsCluster)
        {
            byte[] next = Next();
            await client.SendAsync(static (ref _) => true, cancellationToken, ["SET"u8.ToArray(), _key, next]).ConfigureAwait(false);
            Learn(SlotPart.Anywhere, next);
            return;
        }

        foreach (int[] some in Enumerable.Range(0, HashSlot.Count).Chunk(ClearedAtOnce))
        {
            await Task.WhenAll(some.Select(slot =>
                client.SendAsync(static (ref reader) => reader.Integer, cancellationToken, ["UNLINK"u8.ToArray(), (byte[])[.. _slotKey, .. HashSlot.Tag(slot)]]).AsTask())).ConfigureAwait(false);
        }

        Volatile.Write(ref _knownOfSlots, null);
        await client.SendAsync(static (ref _) => true, cancellationToken, ["SET"u8.ToArray(), _cleared, Next()]).ConfigureAwait(false);
        client.Changed(_cleared);
    }

    /// <summary>The words that put a number under a key unless there is one.</summary>
    internal static IReadOnlyList<ReadOnlyMemory<byte>> Making(byte[] key, byte[] number) => ["SET"u8.ToArray(), key, number, "NX"u8.ToArray()];

    /// <summary>A number at random, so that none ever comes back: two who clear at the same time cannot bring back what a third has cleared.</summary>
    internal static byte[] Next() => RandomNumberGenerator.GetBytes(Length);

    private long[] OfSlots()
    {
        if (Volatile.Read(ref _knownOfSlots) is { } known) return known;
        long[] made = new long[HashSlot.Count];
        return Interlocked.CompareExchange(ref _knownOfSlots, made, null) ?? made;
    }
}
