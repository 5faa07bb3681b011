using System.Text;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;
using Larder.TestKit;

namespace Larder.Redis.Tests;

/// <summary>Links that read from a script: answers in pieces of any length, whole and damaged.</summary>
public sealed class SplitTests
{
    private const string Whole =
        ">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n*2\r\n$1\r\na\r\n_\r\n|1\r\n+ttl\r\n:3\r\n$5\r\nhello\r\n>2\r\n+message\r\n:1\r\n-ERR no\r\n%1\r\n+k\r\n*1\r\n#t\r\n:42\r\n";

    [Fact]
    public async Task Wherever_the_bytes_are_split_pushes_and_answers_are_the_same()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Whole);
        var expected = await HearAsync([bytes]);
        Assert.Equal(["push 2", "Array 2", "Bulk hello", "push 2", "Map 2", "Integer 42", "2: ERR no"], expected);
        Assert.Equal(expected, await HearAsync([.. bytes.Select(static one => new[] { one })]));
        for (int cut = 1; cut < bytes.Length; cut++) Assert.Equal(expected, await HearAsync([bytes[..cut], bytes[cut..]]));
    }

    [Fact]
    public async Task Damaged_answers_in_pieces_end_every_call_and_are_the_same_in_one_piece()
    {
        int seed = Seeds.Next();
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(Whole);
            for (int i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "\r\n0123456789-$*:%|>_"u8[random.Next(19)]);
            List<byte[]> pieces = [];
            for (int at = 0; at < bytes.Length;)
            {
                int length = random.Next(1, bytes.Length - at + 1);
                pieces.Add(bytes[at..(at + length)]);
                at += length;
            }

            string text = string.Join('|', await HearAsync([bytes])), other = string.Join('|', await HearAsync(pieces));
            Assert.True(text == other, $"With {Seeds.Variable}={seed}, round {round}: '{text}' in one piece, '{other}' in pieces.");
        }
    }

    // What five callers and whoever hears pushes are told, in order. Errors come last, for who hears of them does so when it can.
    private static async Task<List<string>> HearAsync(IReadOnlyList<byte[]> pieces)
    {
        var said = new List<string>();
        string?[] errors = new string?[5];
        var script = new ScriptedStream(pieces);
        using var link = new RedisLink(script, new("nowhere", 0), TimeProvider.System, (_, push) => Note(Describe(push.Span)));
        var calls = Enumerable.Range(0, errors.Length).Select(AskAsync).ToArray();
        script.Begin();
        // The last call may have its answer before the last push is heard; where the bytes end, the link does.
        await Task.WhenAll([.. calls, link.Broken]).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        lock (said) return [.. said, .. errors.OfType<string>()];

        async Task AskAsync(int call)
        {
            try
            {
                // Noted by the thread that reads, so that the order is that of the bytes.
                await link.SendAsync(new WordsCommand<bool>(["ASK"u8.ToArray()], (ref reader) => Note($"{reader.Kind} {(reader.Count > 0 ? reader.Count : reader.Text)}")), CancellationToken.None);
            }
            catch (RedisException error)
            {
                errors[call] = $"{call}: {error.Message}";
            }
            catch (RedisConnectionException)
            {
                // It ended, as it should.
            }
        }

        bool Note(string what)
        {
            lock (said) said.Add(what);
            return true;
        }
    }

    private static string Describe(ReadOnlySpan<byte> push)
    {
        var reader = new RespReader(push);
        reader.Next();
        return $"push {reader.Count}";
    }

    private sealed class ScriptedStream(IReadOnlyList<byte[]> pieces) : Stream
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _next;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        internal void Begin() => _begun.SetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _begun.Task;
            if (_next == pieces.Count) return 0;
            pieces[_next].CopyTo(buffer);
            return pieces[_next++].Length;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
