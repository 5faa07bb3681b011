using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Larder.Eviction;

/// <summary>A line of the processor's cache.</summary>
internal static class CacheLine
{
    /// <summary>
    /// At the end of an object that readers use, so that what is allocated after it, and written, does not take its line from them
    /// with every write.
    /// </summary>
    [InlineArray(64)]
    internal struct Gap
    {
        private byte _first;
    }

    /// <summary>
    /// Has the processor fetch what will be needed soon, while it does something else. Nothing but time hangs on it: an object that is
    /// moved meanwhile costs a fetch for nothing. .NET has the instruction for x86 alone.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe void Fetch<T>(ref readonly T at)
    {
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in at)));
    }
}
