using System.Runtime.ExceptionServices;

namespace Larder.Memory;

/// <summary>
/// One factory at work for one key. The thread that runs it leads; the others wait here for what it brings.
/// </summary>
internal class Flight<TValue> : Claim, FlightWait.ILed
{
    // Guarded by this.
    private bool _isOver;

    // Whether anybody is to be woken: waking is dear though nobody sleeps, for the runtime then keeps a record of the object
    // that every collection looks at.
    private bool _isAwaited;
    private TValue? _value;
    private ExceptionDispatchInfo? _error;

    public FlightWait.Participant Leader { get; } = FlightWait.Self;

    internal void Complete(TValue value) => End(value, null);

    /// <summary>The key is released and those who wait are told. A comparer that throws may prevent the one, not the other.</summary>
    internal void Fail<TKey>(Exception error, Shard<TKey, TValue> shard, TKey key) where TKey : notnull
    {
        try
        {
            shard.Abandon(this, key);
        }
        finally
        {
            End(default, ExceptionDispatchInfo.Capture(error));
        }
    }

    /// <summary>Waits for the leader, and returns its value or throws its exception.</summary>
    /// <exception cref="InvalidOperationException">The leader waits, in the end, for this thread.</exception>
    internal TValue Join(object key)
    {
        Await(key);
        _error?.Throw();
        return _value!;
    }

    /// <summary>Waits for the leader, whatever it brings.</summary>
    internal void Await(object key)
    {
        FlightWait.Begin(this, key);
        try
        {
            lock (this)
            {
                _isAwaited = true;
                while (!_isOver) Monitor.Wait(this);
            }
        }
        finally
        {
            FlightWait.End();
        }
    }

    private void End(TValue? value, ExceptionDispatchInfo? error)
    {
        lock (this)
        {
            _value = value;
            _error = error;
            _isOver = true;
            if (_isAwaited) Monitor.PulseAll(this);
        }
    }

    /// <summary>Whoever calls a factory for the key gets what the one at work brings.</summary>
    internal readonly struct Maker : IClaimMaker
    {
        public bool MayShare(Claim claim) => true;

        public Claim Make() => new Flight<TValue>();
    }
}
