using System.Runtime.CompilerServices;

namespace Larder.Memory;

/// <summary>The one time source of a cache: monotonic ticks of 100 ns, never below zero.</summary>
internal readonly struct CacheClock
{
    // Null for the system's, which the coarse clock stands for.
    private readonly TimeProvider? _provider;
    private readonly long _origin;

    internal CacheClock(TimeProvider provider)
    {
        if (provider == TimeProvider.System) return;
        _provider = provider;
        _origin = provider.GetTimestamp();
    }

    internal bool IsCoarse => _provider is null;

    internal long Now => _provider is null ? CoarseClock.Now : Ask();

    // Not inlined, to keep the hit path small. A provider that steps behind its first reading stands still there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Ask() => Math.Max(0, _provider!.GetElapsedTime(_origin).Ticks);
}
