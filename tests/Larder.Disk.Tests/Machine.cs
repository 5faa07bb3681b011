using System.Diagnostics;

namespace Larder.Disk.Tests;

/// <summary>What the system is asked to do, where it allows it.</summary>
internal static class Machine
{
    /// <summary>Runs a command. Returns whether it succeeded.</summary>
    internal static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // There is no such command.
        }
    }

    /// <summary>Makes the folder a file system of its own, of so many MiB. Skips the test where that is not allowed.</summary>
    internal static void Mount(string folder, int mebibytes)
    {
        Directory.CreateDirectory(folder);
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "none", folder)) Assert.Skip("Mounting a file system is not allowed here.");
    }
}
