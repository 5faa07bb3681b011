namespace Larder.Writing;

/// <summary>Nobody knows whether the source has the write. Never reaches a user: its cause does.</summary>
internal sealed class WriteInDoubtException(Exception cause) : Exception(cause.Message, cause);
