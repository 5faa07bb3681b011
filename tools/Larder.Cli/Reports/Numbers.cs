using System.Globalization;

namespace Larder.Cli.Reports;

/// <summary>How reports write numbers: the same on every machine.</summary>
internal static class Numbers
{
    public static string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A ratio between 0 and 1, as percent.</summary>
    public static string Percent(double ratio) => Points(100 * ratio);

    /// <summary>Percents, or the difference of two; a dash for none.</summary>
    public static string Points(double? percent) => percent is { } number ? (Math.Round(number, 2) + 0.0).ToString("F2", CultureInfo.InvariantCulture) : "-"; // + 0.0: no "-0.00"

    public static string Millions(double number) => (number / 1e6).ToString("F1", CultureInfo.InvariantCulture) + " M";
}
