using System.Globalization;
using System.Text;

namespace Larder.Redis.Tests.Support;

/// <summary>
/// Callers that read and write through a tier without pause, and say what they saw that must not be: another key's value, a value older than one that was acknowledged,
/// a call that outlasts its time.
/// </summary>
internal sealed class TierLoad : IAsyncDisposable
{
    // Two times that a command may take, and then some for a machine that is busy.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(15);

    // What a server says while another takes over.
    private static readonly string[] _passing = ["CLUSTERDOWN", "READONLY", "MASTERDOWN", "LOADING", "UNBLOCKED"];

    private readonly RedisTier _tier;
    private readonly string[] _keys;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _callers;
    private long _found, _missed, _written, _failed;

    /// <summary>Begins. The keys have been written by <see cref="WriteAsync"/>, and are not written by others.</summary>
    public TierLoad(RedisTier tier, string[] keys, int seed, int readers = 4, int writers = 2)
    {
        (_tier, _keys) = (tier, keys);
        _callers = [.. Enumerable.Range(0, readers).Select(i => Task.Run(() => ReadAsync(new(seed + i)))), .. Enumerable.Range(0, writers).Select(i => Task.Run(() => WriteAsync(i)))];
    }

    /// <summary>Values of the fixed keys that were read.</summary>
    public long Found => Volatile.Read(ref _found);

    /// <summary>Fixed keys that were not found.</summary>
    public long Missed => Volatile.Read(ref _missed);

    /// <summary>Whether a master dies with what its replica does not have yet.</summary>
    public bool LosesWrites { get; init; }

    public long Written => Volatile.Read(ref _written);

    public long Failed => Volatile.Read(ref _failed);

    public static Task WriteAsync(RedisTier tier, string[] keys) =>
        tier.SetAsync([.. keys.Select(static key => new TierEntry(new(key), Fixed(key), DateTimeOffset.MaxValue))]).AsTask();

    public static byte[] Fixed(string key) => Encoding.UTF8.GetBytes($"value of {key}");

    /// <summary>Reads one key. Null if it is not found.</summary>
    public static async Task<string?> ReadAsync(RedisTier tier, string key)
    {
        using var found = new TierPayloads(1);
        await tier.GetAsync([new(key)], found);
        return found.TryGet(0, out var value) ? Encoding.UTF8.GetString(value.Span) : null;
    }

    /// <summary>Ends when each key has its value, which nobody writes any more: what is lost stays lost, while a link may just be on its way to another node.</summary>
    public static Task FoundAsync(RedisTier tier, string[] keys, Func<string, string>? value = null) => Eventually.Holds(async () =>
    {
        try
        {
            return (await Task.WhenAll(keys.Select(key => ReadAsync(tier, key)))).SequenceEqual(keys.Select(value ?? (static key => $"value of {key}")));
        }
        catch (Exception error) when (IsPassing(error))
        {
            return false;
        }
    });

    /// <summary>Waits until so many more reads and writes have succeeded. Throws what a caller saw that must not be.</summary>
    public async Task GoOnAsync(int reads, int writes)
    {
        long found = Found + reads, written = Written + writes;
        await Eventually.Holds(async () =>
        {
            if (Array.Find(_callers, static caller => caller.IsFaulted) is { } wrong) await wrong;
            return Found >= found && Written >= written;
        });
    }

    /// <summary>Ends the load. Throws what a caller saw that must not be.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
        _stop.Dispose();
    }

    private async Task ReadAsync(Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            string[] some = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => _keys[random.Next(_keys.Length)])];
            using var found = new TierPayloads(some.Length);
            if (!await TryAsync(() => _tier.GetAsync([.. some.Select(static key => new TierKey(key))], found))) continue;
            for (int i = 0; i < some.Length; i++)
            {
                if (!found.TryGet(i, out var value)) Interlocked.Increment(ref _missed);
                else if (value.Span.SequenceEqual(Fixed(some[i]))) Interlocked.Increment(ref _found);
                else throw new InvalidOperationException($"{some[i]} was answered with '{Encoding.UTF8.GetString(value.Span)}'.");
            }
        }
    }

    // One caller, and so one order: what was acknowledged is there, unless the node that had it has died.
    private async Task WriteAsync(int writer)
    {
        int at = 0;
        var said = new Dictionary<string, int>();
        while (!_stop.IsCancellationRequested)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"load/{writer}/{at++ % 50}");
            byte[] value = Encoding.ASCII.GetBytes(at.ToString(CultureInfo.InvariantCulture));
            if (!await TryAsync(() => _tier.SetAsync([new(new(key), value, DateTimeOffset.MaxValue)])))
            {
                said.Remove(key); // Nobody knows whether it was done.
                continue;
            }

            Interlocked.Increment(ref _written);
            said[key] = at;
            string[] asked = [.. said.Keys];
            string other = asked[at % asked.Length];
            string? read = null;
            if (!await TryAsync(async () => read = await ReadAsync(_tier, other))) continue;
            if (read is null) Interlocked.Increment(ref _missed);
            else if (int.Parse(read, CultureInfo.InvariantCulture) != said[other] && !LosesWrites) throw new InvalidOperationException($"{other} was {said[other]} and is {read}.");
        }
    }

    private async Task<bool> TryAsync(Func<ValueTask> call)
    {
        var task = Run(call); // What is thrown before anything is sent is no other than what is thrown later.
        try
        {
            await task.WaitAsync(_longest);
            return true;
        }
        catch (Exception error) when (task.IsCompleted && IsPassing(error))
        {
            Interlocked.Increment(ref _failed);
            await Task.Delay(1);
            return false;
        }
    }

    private static bool IsPassing(Exception error) => error is RedisConnectionException or TimeoutException || (error is RedisException && _passing.Any(error.Message.StartsWith));

    private static async Task Run(Func<ValueTask> call) => await call();
}
