namespace Larder.Redis.Tests.Support;

/// <summary>Notes what a channel says, in words.</summary>
internal sealed class Ear : IInvalidationReceiver
{
    private readonly Lock _gate = new();
    private readonly List<string> _said = [];
    private int _keys;

    public IReadOnlyList<string> Said { get { lock (_gate) return [.. _said]; } }

    public int Keys => Volatile.Read(ref _keys);

    public void Invalidated(in Invalidation invalidation)
    {
        Interlocked.Add(ref _keys, invalidation.Keys.Count);
        Note(invalidation.Kind switch
        {
            InvalidationKind.Keys => $"keys {string.Join(' ', invalidation.Keys)}",
            InvalidationKind.Prefix => $"prefix {invalidation.Keys[0]}",
            _ => "everything",
        });
    }

    // Told again, it changes nothing.
    public void LinkLost()
    {
        if (Said is not [.., "lost"]) Note("lost");
    }

    public void LinkRestored() => Note("restored");

    private void Note(string what)
    {
        lock (_gate) _said.Add(what);
    }
}
