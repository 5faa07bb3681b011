namespace Larder.Redis;

/// <summary>How many messages came from each sender: so that one that is missing is missed. Not safe for threads.</summary>
internal sealed class Roll
{
    // Whoever is beyond is as new when it is heard again.
    internal const int MaxSenders = 10_000;

    private readonly Dictionary<long, long> _last = [];

    /// <summary>Notes a message. Returns whether none is missing between it and the last of its sender.</summary>
    internal bool Note(long origin, long number, bool isHeartbeat)
    {
        if (!_last.TryGetValue(origin, out long last))
        {
            if (_last.Count >= MaxSenders) _last.Clear();
            _last.Add(origin, number);
            return true;
        }

        _last[origin] = number;
        return number == (isHeartbeat ? last : last + 1);
    }

    internal void Forget() => _last.Clear();
}
