namespace Larder.Cli;

/// <summary>Something the user gave is wrong. The message is one line that names the value and what is allowed.</summary>
internal sealed class UserError(string message) : Exception(message);
