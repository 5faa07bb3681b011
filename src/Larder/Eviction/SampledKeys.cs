namespace Larder.Eviction;

/// <summary>The keys that the miniature caches know, by their hashes, with the state of each in each of eight caches.</summary>
/// <remarks>
/// A key has a slot; its eight states lie side by side in one 64-bit word, so that a key held by all of them is marked used
/// in all by a few instructions. When slots run out, a hand goes round and frees the next one that no cache holds.
/// </remarks>
internal sealed class SampledKeys
{
    public const int Lanes = 8;

    /// <summary>The bits of a lane: uses since last examined (two), turns left in the main queue (two), where it is (two).</summary>
    public const int UsesMask = 3, TurnsShift = 2, WhereShift = 4, Absent = 0, InWindow = 1, InMain = 2;

    private const ulong EachLane = 0x0101010101010101;

    private readonly int[] _hashes;
    private readonly ulong[] _states;

    // Chained hash table: _heads[bucket] and _next[slot] hold a slot plus one, zero ends the chain.
    private readonly ushort[] _heads;
    private readonly ushort[] _next;
    private int _used;
    private int _hand;

    /// <param name="capacity">How many keys each miniature cache may hold, one more for a moment included.</param>
    public SampledKeys(int capacity)
    {
        // Invariant: more slots than the caches can hold together, so that the hand finds a free one.
        // The two further shares are for keys that left lately and may come back.
        int slots = (Lanes + 2) * capacity + 1;
        _hashes = new int[slots];
        _states = new ulong[slots];
        _next = new ushort[slots];
        _heads = new ushort[slots];
    }

    public int Slots => _hashes.Length;

    public int Hash(int slot) => _hashes[slot];

    public int Lane(int slot, int lane) => (int)(_states[slot] >> (8 * lane)) & 0xFF;

    public void SetLane(int slot, int lane, int state) =>
        _states[slot] = (_states[slot] & ~(0xFFUL << (8 * lane))) | ((ulong)state << (8 * lane));

    /// <summary>Marks the key used wherever it is held. Returns a one in the lowest bit of each lane that holds it.</summary>
    public ulong Use(int slot)
    {
        ulong state = _states[slot];
        ulong held = ((state >> WhereShift) | (state >> (WhereShift + 1))) & EachLane;
        ulong saturated = state & (state >> 1) & EachLane;
        _states[slot] = state + (held & ~saturated);
        return held;
    }

    /// <summary>The key's slot, or −1.</summary>
    public int Find(int hash)
    {
        int slot = _heads[Bucket(hash)] - 1;
        while (slot >= 0 && _hashes[slot] != hash) slot = _next[slot] - 1;
        return slot;
    }

    /// <summary>Gives a key that has none a slot, perhaps one of a key that no cache holds.</summary>
    public int Add(int hash)
    {
        int slot = _used < _hashes.Length ? _used++ : FreeOne();
        _hashes[slot] = hash;
        ref ushort head = ref _heads[Bucket(hash)];
        _next[slot] = head;
        head = (ushort)(slot + 1);
        return slot;
    }

    private int FreeOne()
    {
        do
            _hand = _hand + 1 == _states.Length ? 0 : _hand + 1;
        while (_states[_hand] != 0);

        ref ushort link = ref _heads[Bucket(_hashes[_hand])];
        while (link != _hand + 1) link = ref _next[link - 1];
        link = _next[_hand];
        return _hand;
    }

    private int Bucket(int hash) => HashMix.Range((uint)hash * 0x9E3779B1u, _heads.Length);
}
