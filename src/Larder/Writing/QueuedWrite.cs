namespace Larder.Writing;

/// <summary>What is to be written of one key: what waits, and what is under way. At least one of both.</summary>
internal sealed class QueuedWrite<TKey, TValue>(TKey key)
{
    internal TKey Key => key;

    /// <summary>The newest write, unless it is under way already.</summary>
    internal Write<TKey, TValue>? Waiting { get; set; }

    /// <summary>What the writer is being asked for.</summary>
    internal Write<TKey, TValue>? UnderWay { get; set; }

    /// <summary>The number of the oldest write that the source does not have.</summary>
    internal long First { get; set; }

    /// <summary>The number of the oldest write among those that wait.</summary>
    internal long FirstWaiting { get; set; }

    /// <summary>When the oldest was taken, by the clock's timestamp.</summary>
    internal long Since { get; set; }

    /// <summary>Where the newest stands in the journal: what a crash must bring back.</summary>
    internal long Position { get; set; }

    /// <summary>How often the write under way has failed before.</summary>
    internal int Attempts { get; set; }

    /// <summary>How often writes of the key have failed in a row, this one and those that it has replaced.</summary>
    internal int Failures { get; set; }

    /// <summary>When it may be tried, by the clock's timestamp.</summary>
    internal long Due { get; set; }
}
