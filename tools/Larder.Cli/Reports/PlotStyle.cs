namespace Larder.Cli.Reports;

/// <summary>Colours and shapes of the plot's lines.</summary>
/// <remarks>
/// There is no background: the page's own shows through. So every colour here is of middle lightness, and reads on white
/// and on black. A line differs from its neighbours by colour and by marker, for those who do not tell the colours apart.
/// </remarks>
internal static class PlotStyle
{
    public const string Ink = "#767676";

    private static readonly string[] _colours =
        ["#0a7cc4", "#d9580d", "#0f9d6e", "#c0519a", "#a8860b", "#7c6cf0", "#e0434b", "#4d9220", "#138fa3", "#b0692f", "#767676"];

    // Outlines around (0,0): circle, square, triangle up, diamond, triangle down, plus, bar.
    private static readonly string[] _markers =
    [
        "M-4,0A4,4 0 1 0 4,0A4,4 0 1 0 -4,0Z",
        "M-3.6,-3.6H3.6V3.6H-3.6Z",
        "M0,-4.8L4.6,3.6H-4.6Z",
        "M0,-5L5,0L0,5L-5,0Z",
        "M0,4.8L4.6,-3.6H-4.6Z",
        "M-1.5,-5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5V-1.5H-1.5Z",
        "M-5.5,-2H5.5V2H-5.5Z",
    ];

    public static string Colour(int line) => _colours[line % _colours.Length];

    // Eleven colours and seven shapes share no factor: 77 lines before two look the same.
    public static string Marker(int line) => _markers[line % _markers.Length];
}
