namespace Larder.Benchmarks.Measuring;

/// <summary>What one thread does, a pass at a time.</summary>
internal abstract class Worker
{
    /// <summary>Operations in a pass.</summary>
    internal const int PassLength = 10_000;

    /// <summary>Does <see cref="PassLength"/> operations. Returns how many hit.</summary>
    internal abstract int Pass();
}

/// <summary>Loops over a probe. The loop is a method of its own for each probe, called often enough to be compiled in full.</summary>
internal sealed class Worker<TProbe>(TProbe probe, int start = 0) : Worker where TProbe : struct, IProbe
{
    private readonly TProbe _probe = probe;
    private int _position = start;

    /// <summary>The last value found: written so that finding it cannot be left out.</summary>
    internal object? Last { get; private set; }

    internal override int Pass()
    {
        if (_position + PassLength > _probe.Length) _position = 0;
        int hits = Loop(_position);
        _position += PassLength;
        return hits;
    }

    private int Loop(int from)
    {
        var probe = _probe;
        object? last = null;
        int hits = 0;
        for (int i = from; i < from + PassLength; i++)
            if (probe.Do(i, out last)) hits++;

        Last = last;
        return hits;
    }
}
