using System.Buffers;
using System.Threading.Tasks.Sources;
using Larder.Redis.Protocol;

namespace Larder.Redis.Connection;

/// <summary>One command on its way: written in its turn, answered in the same turn, awaited by its caller.</summary>
/// <remarks>
/// Invariant: it ends once (<see cref="_isEnded"/>), by its answer, its time, its caller's cancellation or the link's breaking. One that has ended early keeps its place
/// among those that wait for answers, and its answer is passed over: so no caller ever gets another's.
/// </remarks>
internal abstract class RedisCommand : IValueTaskSource
{
    // Continuations run on the pool: the thread that reads answers must not run what callers do next.
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private int _isEnded;

    /// <summary>When it was first sent, by the clock's timestamp; 0 before.</summary>
    internal long Began { get; set; }

    /// <summary>When it was last sent.</summary>
    internal long Sent { get; set; }

    /// <summary>The slot of a cluster in which all its keys lie.</summary>
    internal abstract int Slot { get; }

    /// <summary>Whether it is better sent in pieces than later, when some of its keys are here and some elsewhere.</summary>
    internal virtual bool IsDivisible => false;

    internal bool HasEnded => Volatile.Read(ref _isEnded) != 0;

    /// <summary>How many answers it has. The last counts, unless one before it is an error.</summary>
    internal virtual int Answers => 1;

    /// <summary>What the server has said to the first part that it refused, of a command with several answers. Kept by those alone, for most are small.</summary>
    protected virtual string? Refusal { get => null; set => throw new InvalidOperationException($"A command with {Answers} answers has no part that is refused."); }

    /// <summary>How many have not come yet. Guarded by the link's lock.</summary>
    internal int Awaited { get; set; }

    /// <summary>Writes the command.</summary>
    internal abstract void Write(IBufferWriter<byte> target);

    /// <summary>Ends when it is answered. Throws what it ended with. To be awaited once.</summary>
    internal ValueTask Answered(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static (state, token) => ((RedisCommand)state!).Fail(new OperationCanceledException(token)), this);
        return new(this, _core.Version);
    }

    /// <summary>An answer has come. What it throws says that the link cannot be used any more.</summary>
    internal void Answer(ReadOnlySpan<byte> frame, bool isLast)
    {
        if (!isLast)
        {
            // It ends with its last answer, also if a part was refused: before that it must not be sent once more.
            if ((RespKind)frame[0] is RespKind.Error or RespKind.BulkError) Refusal ??= TextOf(frame);
            else if ((RespKind)frame[0] != RespKind.Simple) Refuse(new($"The server answered a part of a transaction with byte {frame[0]}."));
            return;
        }

        if (Interlocked.Exchange(ref _isEnded, 1) != 0)
        {
            PassOver(frame);
            return;
        }

        try
        {
            var reader = new RespReader(frame);
            reader.Next();
            if (reader.IsError) throw new RedisException(Refusal ?? reader.Text);
            Read(ref reader);
            EndOrGoOn(null);
        }
        catch (RespException error)
        {
            EndOrGoOn(new RedisConnectionException($"The server's answer cannot be understood, and the link is broken off: {error.Message}", error));
            throw;
        }
        catch (Exception error)
        {
            EndOrGoOn(error);
        }
    }

    /// <summary>It ends without an answer, unless it has ended.</summary>
    internal void Fail(Exception error)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0) EndOrGoOn(error);
    }

    /// <summary>Makes it ready to be sent once more, after it was answered and awaited: then no link knows it any more.</summary>
    internal void Renew()
    {
        _core.Reset();
        if (Answers > 1) Refusal = null;
        Volatile.Write(ref _isEnded, 0);
    }

    void IValueTaskSource.GetResult(short token)
    {
        _registration.Dispose();
        _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <summary>
    /// Whether something is to be done yet before its caller is told: then <see cref="End"/> ends it. Called once, where it would have ended, and returns soon. The error is null if it was answered.
    /// </summary>
    protected virtual bool GoesOn(Exception? error) => false;

    /// <summary>Ends it for its caller. To be called once, if it went on.</summary>
    protected void End(Exception? error)
    {
        if (error is null) _core.SetResult(true);
        else _core.SetException(error);
    }

    /// <summary>Reads the answer, whose head has been read.</summary>
    protected abstract void Read(ref RespReader reader);

    /// <summary>Looks whether the answer, whose head has been read, is one to this command. Nobody waits for it any more; if it is not, answers and commands have got out of step.</summary>
    protected abstract void Check(ref RespReader reader);

    private void EndOrGoOn(Exception? error)
    {
        if (!GoesOn(error)) End(error);
    }

    private void PassOver(ReadOnlySpan<byte> frame)
    {
        var reader = new RespReader(frame);
        reader.Next();
        if (!reader.IsError) Check(ref reader);
    }

    private static string TextOf(ReadOnlySpan<byte> frame)
    {
        var reader = new RespReader(frame);
        reader.Next();
        return reader.Text;
    }

    private void Refuse(RespException error)
    {
        Fail(new RedisConnectionException($"The server's answer cannot be understood, and the link is broken off: {error.Message}", error));
        throw error;
    }
}
