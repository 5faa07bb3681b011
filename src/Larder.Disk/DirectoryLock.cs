using System.Globalization;

namespace Larder.Disk;

/// <summary>The file that one process at a time holds. The system lets go of it when the process ends, however it ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    internal const string Name = "in-use";

    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <exception cref="IOException">Another process, or another tier or journal of this one, has the folder; or the folder cannot be written.</exception>
    internal static DirectoryLock Take(string directory)
    {
        string path = Path.Combine(directory, Name);
        FileStream file;
        try
        {
            file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException error) when (File.Exists(path) && error is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            throw new IOException($"The folder '{directory}' is in use by another disk tier or journal, in this process or in another. Each needs a folder of its own: give this one another {nameof(DiskTierOptions.Directory)}, or end the other first.", error);
        }

        try
        {
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            // The number is for the administrator; a full disk holds the lock as well without it.
        }

        return new(file);
    }

    public void Dispose() => _file.Dispose();
}
