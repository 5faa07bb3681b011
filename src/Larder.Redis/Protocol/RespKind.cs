namespace Larder.Redis.Protocol;

/// <summary>The types of RESP3.</summary>
internal enum RespKind : byte
{
    Null = (byte)'_',
    Simple = (byte)'+',
    Error = (byte)'-',
    Integer = (byte)':',
    Bulk = (byte)'$',
    BulkError = (byte)'!',
    Verbatim = (byte)'=',
    Boolean = (byte)'#',
    Double = (byte)',',
    BigNumber = (byte)'(',
    Array = (byte)'*',
    Set = (byte)'~',
    Push = (byte)'>',
    Map = (byte)'%',
    Attribute = (byte)'|',
}
