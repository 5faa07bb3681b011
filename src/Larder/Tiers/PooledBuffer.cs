using System.Buffers;

namespace Larder.Tiers;

/// <summary>A buffer writer over one rented array, which it keeps from use to use.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int Smallest = 512;

    // Beyond this an array goes back with Clear, so that one large payload does not hold its room for ever.
    private const int LargestKept = 1 << 20;

    private readonly int _reserved;
    private byte[] _array = [];

    /// <param name="reserved">How many bytes at the front are left to be filled in later.</param>
    internal PooledBuffer(int reserved = 0) => Length = _reserved = reserved;

    internal int Length { get; private set; }

    internal Memory<byte> Written => _array.AsMemory(0, Length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Math.Max(0, _array.Length - Length)); // Advancing by nothing is allowed before there is an array.
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _array.AsSpan(Length);
    }

    /// <summary>Forgets what was written and takes these bytes instead.</summary>
    internal void Replace(ReadOnlySpan<byte> bytes)
    {
        Length = _reserved;
        if (bytes.Length > _array.Length - _reserved) EnsureRoom(bytes.Length);
        bytes.CopyTo(_array.AsSpan(_reserved));
        Length = _reserved + bytes.Length;
    }

    /// <summary>Forgets what was written; the reserved bytes at the front stay reserved.</summary>
    internal void Clear()
    {
        Length = _reserved;
        if (_array.Length > LargestKept) Dispose();
    }

    public void Dispose()
    {
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        _array = [];
        Length = _reserved;
    }

    private void EnsureRoom(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int wanted = checked(Length + Math.Max(sizeHint, 1));
        if (wanted <= _array.Length) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(Math.Max(wanted, Smallest), Math.Min(2L * _array.Length, Array.MaxLength)));
        _array.AsSpan(0, Math.Min(Length, _array.Length)).CopyTo(larger);
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
