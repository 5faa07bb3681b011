namespace Larder;

/// <summary>The server could not be reached, or the link broke before it answered; then nobody knows whether it has done what it was asked.</summary>
public sealed class RedisConnectionException : IOException
{
    /// <summary>A failure without a text.</summary>
    public RedisConnectionException() { }

    /// <summary>A failure with a text.</summary>
    public RedisConnectionException(string message) : base(message) { }

    /// <summary>A failure with its cause.</summary>
    public RedisConnectionException(string message, Exception innerException) : base(message, innerException) { }
}
