namespace Larder.AspNetCore.Http;

/// <summary>What stands under a key of the cache: a <see cref="StoredResponse"/> or a <see cref="VaryRule"/>; and what a load hands on without its being kept, a <see cref="LiveResponse"/>.</summary>
internal abstract class HttpEntry
{
    /// <summary>The bytes it takes in memory, roughly, without its key.</summary>
    internal abstract long Weight { get; }
}

/// <summary>A response that is not kept: for whoever takes it first, with the stream of its body.</summary>
internal sealed class LiveResponse(HttpResponseMessage response) : HttpEntry
{
    private HttpResponseMessage? _response = response; // Exchanged.

    internal override long Weight => 0;

    internal HttpResponseMessage? Take() => Interlocked.Exchange(ref _response, null);
}

/// <summary>The server answered, with an error.</summary>
/// <param name="status">Which.</param>
/// <param name="answer">What it answered: as a whole, for all who waited, or live.</param>
internal sealed class OriginFault(int status, HttpEntry answer) : Exception($"The server answered {status}.")
{
    internal int Status => status;

    internal HttpEntry Answer => answer;
}
