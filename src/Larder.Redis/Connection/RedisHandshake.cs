using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Larder.Redis.Connection;

/// <summary>Opens a socket, encrypts it if asked to, and logs in.</summary>
internal sealed class RedisHandshake(RedisOptions options, DnsEndPoint server, TimeProvider time, Action<RedisLink, ReadOnlyMemory<byte>> pushed)
{
    internal async Task<RedisLink> ConnectAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Stream? stream = null;
        try
        {
            stream = await OpenAsync(either.Token).ConfigureAwait(false);
            var link = new RedisLink(stream, server, time, pushed);
            await LogInAsync(link, either.Token).ConfigureAwait(false);
            return link;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            if (stream is not null) await stream.DisposeAsync().ConfigureAwait(false);
            throw new TimeoutException($"Connecting took longer than {options.ConnectTimeout}.");
        }
        catch
        {
            if (stream is not null) await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellationToken).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is null) return stream;
            var encrypted = new SslStream(stream, leaveInnerStreamOpen: false);
            await encrypted.AuthenticateAsClientAsync(TlsOptions.For(options.Tls, server.Host), cancellationToken).ConfigureAwait(false);
            return encrypted;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task LogInAsync(RedisLink link, CancellationToken cancellationToken)
    {
        List<string> hello = ["HELLO", "3"];
        if (options.Password is not null) hello.AddRange(["AUTH", options.User ?? "default", options.Password]);
        if (options.ClientName.Length > 0) hello.AddRange(["SETNAME", options.ClientName]);
        link.Greeting = await Say(hello, Greeting.Read).ConfigureAwait(false);
        if (options.Database == 0) return;
        if (link.Greeting.IsCluster) throw new RedisException($"{nameof(RedisOptions.Database)} is {options.Database}; the server at {server.Host}:{server.Port} is a cluster's, which has no database but 0.");
        await Say(["SELECT", options.Database.ToString(CultureInfo.InvariantCulture)], static (ref _) => true).ConfigureAwait(false);

        async ValueTask<T> Say<T>(IReadOnlyList<string> words, RespParser<T> parse)
        {
            var command = new WordsCommand<T>([.. words.Select(static word => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(word))], parse);
            await link.SendAsync(command, cancellationToken).ConfigureAwait(false);
            return command.Result!;
        }
    }
}
