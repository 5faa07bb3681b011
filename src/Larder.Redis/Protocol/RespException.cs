namespace Larder.Redis.Protocol;

/// <summary>What came is not RESP3, or more than is allowed. The link cannot be used any more.</summary>
internal sealed class RespException(string message) : Exception(message);
