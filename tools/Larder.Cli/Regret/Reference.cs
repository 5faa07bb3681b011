using System.Globalization;

namespace Larder.Cli.Regret;

/// <summary>Hit ratios that another simulator measured: <c>trace,requests,unique,percent,capacity,policy,hitRatio</c>, in percent.</summary>
internal sealed class Reference
{
    // The reference's name for a policy, and ours. The first nine are the fixed policies that regret compares with.
    private static readonly (string Theirs, string Ours)[] _names =
    [
        ("FIFO", "fifo"), ("LRU", "lru"), ("LFU", "lfu"), ("SIEVE", "sieve"), ("S3FIFO", "s3fifo"), ("2Q", "2q"), ("ARC", "arc"),
        ("TinyLFU", "tinylfu"), ("WTLFU-1", "wtinylfu"), ("OPT", Replay.Belady.Name),
    ];

    private const int Fixed = 9;

    private readonly Dictionary<(string Trace, long Capacity), Dictionary<string, double>> _rows = [];

    /// <summary>The traces it knows.</summary>
    public IEnumerable<string> Traces => _rows.Keys.Select(row => row.Trace).Distinct();

    public static Reference Read(string path)
    {
        var reference = new Reference();
        try
        {
            int number = 0;
            foreach (string line in File.ReadLines(path))
            {
                if (++number > 1 && line.Length > 0) reference.Add(line, $"'{path}' line {number}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--reference '{path}' cannot be read: {e.Message}");
        }

        return reference._rows.Count > 0 ? reference : throw new UserError($"--reference '{path}' has no rows.");
    }

    /// <summary>The capacities at which a trace was measured, smallest first.</summary>
    public IEnumerable<long> CapacitiesOf(string trace) => _rows.Keys.Where(row => row.Trace == trace).Select(row => row.Capacity).Order();

    /// <summary>What the reference measured for the policy that we call so, or null.</summary>
    public double? Of(string trace, long capacity, string ours)
    {
        string? theirs = _names.FirstOrDefault(name => name.Ours == ours).Theirs;
        return theirs is not null && _rows[(trace, capacity)].TryGetValue(theirs, out double percent) ? percent : null;
    }

    /// <summary>The best of the nine fixed policies.</summary>
    public (string Policy, double Percent) BestOf(string trace, long capacity)
    {
        var row = _rows[(trace, capacity)];
        var known = _names.Take(Fixed).Where(name => row.ContainsKey(name.Theirs)).ToArray();
        if (known.Length == 0) throw new UserError($"the reference has none of the nine fixed policies for '{trace}' at {capacity}.");
        var (theirs, ours) = known.MaxBy(name => row[name.Theirs]);
        return (ours, row[theirs]);
    }

    private void Add(string line, string place)
    {
        string[] cells = line.Split(',');
        if (cells.Length != 7
            || !long.TryParse(cells[4], NumberStyles.None, CultureInfo.InvariantCulture, out long capacity) || capacity < 1
            || !double.TryParse(cells[6], NumberStyles.Float, CultureInfo.InvariantCulture, out double percent))
            throw new UserError($"--reference {place} is '{line}': trace,requests,unique,percent,capacity,policy,hitRatio is needed.");

        if (!_rows.TryGetValue((cells[0], capacity), out var row)) _rows[(cells[0], capacity)] = row = [];
        row[cells[5]] = percent;
    }
}
