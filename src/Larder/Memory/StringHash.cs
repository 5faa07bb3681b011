using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Larder.Memory;

/// <summary>
/// The hash of strings that come from outside: folded multiplications over eight bytes at a time, keyed by secrets drawn
/// when the process starts, so that nobody can prepare keys that collide.
/// </summary>
/// <remarks>
/// The construction is that of the wyhash family: each step multiplies two 64-bit words into 128 bits and folds the
/// halves. It takes a third of the time of the framework's randomized hash, or less (see
/// docs/decisions/003).
/// </remarks>
internal static class StringHash
{
    // Drawn once, before the first hash. Odd, so that multiplying by them loses nothing.
    private static readonly ulong _secretA = Draw();
    private static readonly ulong _secretB = Draw();

    internal static int Of(ReadOnlySpan<char> text)
    {
        ref byte at = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(text));
        nuint length = (nuint)text.Length * 2;
        ulong state = _secretA ^ length;
        ulong first, last;
        if (length >= 16)
        {
            nuint i = 0;
            for (; i + 16 < length; i += 16)
                state = Fold(Read(ref at, i) ^ _secretB, Read(ref at, i + 8) ^ state);

            // The last sixteen bytes, which may overlap those before.
            first = Read(ref at, length - 16);
            last = Read(ref at, length - 8);
        }
        else if (length >= 8)
        {
            first = Read(ref at, 0);
            last = Read(ref at, length - 8);
        }
        else if (length >= 4)
        {
            first = Unsafe.ReadUnaligned<uint>(ref at);
            last = Unsafe.ReadUnaligned<uint>(ref Unsafe.AddByteOffset(ref at, length - 4));
        }
        else
        {
            first = length == 0 ? 0UL : Unsafe.ReadUnaligned<ushort>(ref at);
            last = 0;
        }

        ulong hash = Fold(first ^ _secretB, last ^ state);
        return (int)(hash ^ (hash >> 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read(ref byte at, nuint offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref at, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }

    private static ulong Draw() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
}
