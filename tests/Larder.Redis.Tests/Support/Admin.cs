using System.Net;
using System.Text;
using Larder.Redis.Connection;
using Larder.Redis.Protocol;

namespace Larder.Redis.Tests.Support;

/// <summary>A link of its own to one server, for what an administrator does there. Answers are text: aggregates line by line.</summary>
internal sealed class Admin : IDisposable
{
    private readonly RedisLink _link;

    private Admin(RedisLink link) => _link = link;

    public static async Task<Admin> OpenAsync(int port, string? password = null) =>
        new(await new RedisHandshake(new() { Password = password }, new DnsEndPoint("127.0.0.1", port), TimeProvider.System, static (_, _) => { }).ConnectAsync(CancellationToken.None));

    public async Task<string> SayAsync(params string[] words)
    {
        var command = new WordsCommand<string>([.. words.Select(static word => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(word))], Text);
        await _link.SendAsync(command, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        return command.Result!;
    }

    public void Dispose() => _link.Dispose();

    private static string Text(ref RespReader reader)
    {
        if (reader.Kind is not (RespKind.Array or RespKind.Set or RespKind.Map)) return reader.Text;
        var text = new StringBuilder();
        for (int left = reader.Count; left > 0; left--)
        {
            reader.Next();
            if (text.Length > 0) text.Append('\n');
            text.Append(Text(ref reader));
        }

        return text.ToString();
    }
}
