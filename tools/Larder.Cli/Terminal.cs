namespace Larder.Cli;

/// <summary>What a command may touch of the outside: where results go, where remarks go, and when to stop.</summary>
internal sealed record Terminal(TextWriter Out, TextWriter Error, CancellationToken Stop);
