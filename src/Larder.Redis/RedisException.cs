namespace Larder;

/// <summary>What the server answered instead of what was asked for.</summary>
public sealed class RedisException : Exception
{
    /// <summary>An error without a text.</summary>
    public RedisException() { }

    /// <summary>An error as the server words it.</summary>
    public RedisException(string message) : base(message) { }

    /// <summary>An error with its cause.</summary>
    public RedisException(string message, Exception innerException) : base(message, innerException) { }
}
