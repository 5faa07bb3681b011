using System.Runtime.InteropServices;

namespace Larder.Cli.Traces;

/// <summary>Numbers the keys of a trace as they come, so that a replay indexes an array where a cache would hash.</summary>
internal sealed class TraceBuilder<TKey>(Func<TKey, ulong> toBits)
    where TKey : notnull
{
    private readonly Dictionary<TKey, int> _numbers = [];
    private readonly List<int> _hashes = [];
    private readonly List<int> _requests = [];

    public int Requests => _requests.Count;

    public void Add(TKey key)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, key, out bool known);
        if (!known)
        {
            number = _hashes.Count;
            _hashes.Add(KeyHash.Spread(toBits(key)));
        }

        _requests.Add(number);
    }

    public Trace Build(string name) => new(name, [.. _requests], [.. _hashes]);
}
