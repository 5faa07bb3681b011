namespace Larder;

/// <summary>The source was not asked, for a <see cref="CircuitBreaker"/> is open, and there was no old value to serve.</summary>
public sealed class CircuitOpenException : Exception
{
    /// <summary>Says that a breaker is open.</summary>
    public CircuitOpenException() : this("A circuit breaker is open: the source is not asked.") { }

    /// <summary>Says so in these words.</summary>
    public CircuitOpenException(string message) : base(message) { }

    /// <summary>Says so in these words, and why.</summary>
    public CircuitOpenException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Says so in these words, and when it is worth trying again.</summary>
    public CircuitOpenException(string message, TimeSpan retryAfter) : base(message) => RetryAfter = retryAfter;

    /// <summary>When the source may be asked again; zero if that is not known.</summary>
    public TimeSpan RetryAfter { get; }
}
