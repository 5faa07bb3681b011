using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Larder.Redis.Connection;

/// <summary>Opens a socket, encrypts it if asked to, and logs in.</summary>
internal sealed class RedisHandshake(RedisOptions options, TimeProvider time, Action<ReadOnlyMemory<byte>> pushed)
{
    internal async Task<RedisLink> ConnectAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Stream? stream = null;
        try
        {
            stream = await OpenAsync(either.Token).ConfigureAwait(false);
            var link = new RedisLink(stream, time, pushed, new(options.Host, options.Port));
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
            await socket.ConnectAsync(options.Host, options.Port, cancellationToken).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is null) return stream;
            var encrypted = new SslStream(stream, leaveInnerStreamOpen: false);
            await encrypted.AuthenticateAsClientAsync(options.Tls, cancellationToken).ConfigureAwait(false);
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
        await Say(hello).ConfigureAwait(false);
        if (options.Database > 0) await Say(["SELECT", options.Database.ToString(CultureInfo.InvariantCulture)]).ConfigureAwait(false);

        async ValueTask Say(IReadOnlyList<string> words)
        {
            var command = new WordsCommand<bool>([.. words.Select(static word => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(word))], static (ref _) => true);
            await link.SendAsync(command, cancellationToken).ConfigureAwait(false);
        }
    }
}
