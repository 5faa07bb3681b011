using System.Diagnostics.CodeAnalysis;

namespace Larder.Memory;

/// <summary>Says of what was disposed what its users know it by, where .NET's own would name a type of ours.</summary>
internal static class Disposal
{
    internal static void ThrowIf([DoesNotReturnIf(true)] bool isDisposed, string name)
    {
        if (isDisposed) Throw(name);
    }

    [DoesNotReturn]
    private static void Throw(string name) => throw new ObjectDisposedException(name);
}
