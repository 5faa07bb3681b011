using System.Buffers;

namespace Larder.AspNetCore.Http;

/// <summary>Reads bodies up to a limit.</summary>
internal static class Body
{
    private const int FirstRead = 16 << 10;

    /// <summary>
    /// The whole body; null if it is longer than <paramref name="most"/>, or not as long as the response promised (RFC 9111 §3.3). Then the response has a body that begins
    /// with what has been read already.
    /// </summary>
    /// <exception cref="HttpRequestException">The body broke off.</exception>
    internal static async ValueTask<byte[]?> ReadAsync(HttpResponseMessage response, int most, CancellationToken cancellationToken)
    {
        var content = response.Content;
        long? promised = content.Headers.ContentLength;
        if (promised > most) return null;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)(promised ?? FirstRead) + 1);
        int read = 0;
        try
        {
            var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            while (read <= most)
            {
                if (read == buffer.Length) buffer = Grown(buffer);
                int more = await stream.ReadAsync(buffer.AsMemory(read), cancellationToken).ConfigureAwait(false);
                if (more == 0) break;
                read += more;
            }

            byte[] body = buffer.AsSpan(0, read).ToArray();
            if (read <= most && read == (promised ?? read)) return body;
            response.Content = Resumed(content, body, stream);
            return null;
        }
        catch (IOException error)
        {
            throw new HttpRequestException("The body of a response broke off.", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grown(byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private static StreamContent Resumed(HttpContent content, byte[] begun, Stream rest)
    {
        var resumed = new StreamContent(new BegunStream(begun, rest, content));
        foreach (var (name, values) in content.Headers.NonValidated) resumed.Headers.TryAddWithoutValidation(name, values);
        return resumed;
    }
}
