namespace Larder.Eviction;

/// <summary>A first-in, first-out queue of small numbers in a fixed ring.</summary>
internal sealed class SlotRing(int capacity)
{
    private readonly ushort[] _slots = new ushort[capacity];
    private int _first;

    public int Count { get; private set; }

    public int Peek() => _slots[_first];

    public void Push(int slot)
    {
        int place = _first + Count;
        if (place >= _slots.Length) place -= _slots.Length;
        _slots[place] = (ushort)slot;
        Count++;
    }

    public int Pop()
    {
        int slot = _slots[_first];
        if (++_first == _slots.Length) _first = 0;
        Count--;
        return slot;
    }
}
