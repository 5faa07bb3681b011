using System.Xml.Linq;

namespace Larder.Cli.Reports;

/// <summary>Where a plot goes.</summary>
internal static class PlotFile
{
    /// <summary>Refuses, before the work, a path that cannot be written after it.</summary>
    public static void RequireFolder(string path)
    {
        if (path.Length == 0) throw new UserError("--plot '' is not allowed: it is the name of an SVG file.");
        if (Directory.Exists(path)) throw new UserError($"--plot '{path}' is a folder: it is the name of an SVG file.");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new UserError($"--plot '{path}' is not allowed: the folder '{folder}' does not exist.");
    }

    public static void Write(string path, XDocument svg)
    {
        try
        {
            File.WriteAllText(path, svg.ToString() + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--plot '{path}' cannot be written: {e.Message}");
        }
    }
}
