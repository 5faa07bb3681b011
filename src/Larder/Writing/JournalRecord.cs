namespace Larder;

/// <summary>A record of a journal.</summary>
/// <param name="Position">Where it stands among the others.</param>
/// <param name="Bytes">What was appended.</param>
public readonly record struct JournalRecord(long Position, ReadOnlyMemory<byte> Bytes);
