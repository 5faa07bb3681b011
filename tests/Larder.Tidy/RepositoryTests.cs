using System.ComponentModel;
using System.Diagnostics;

namespace Larder.Tidy;

public sealed class RepositoryTests : IDisposable
{
    private const long MostBytes = 200_000;
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("larder-tidy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void No_file_in_git_is_larger_than_200_kB()
    {
        string[]? tracked = Tracked(Repo.Root);
        Assert.SkipWhen(tracked is null, "git cannot list the files here: not a clone, or no git");
        Assert.NotEmpty(tracked!);
        Faults.None(TooLarge(Repo.Root, tracked!, MostBytes));
    }

    [Fact]
    public void The_front_doors_open() => Faults.None(DoorFaults(Repo.Root, "test.sh", "bench.sh", "run.sh", ".ci/run"));

    [Fact]
    public void A_large_file_is_found_and_a_deleted_one_is_not()
    {
        File.WriteAllText(Path.Combine(_folder, "small"), "12345");
        File.WriteAllText(Path.Combine(_folder, "large"), "123456");
        Assert.Equal(["large: 6 bytes, at most 5"], TooLarge(_folder, ["small", "large", "gone"], 5));
    }

    [Fact]
    public void A_folder_outside_git_lists_nothing() => Assert.Null(Tracked(_folder));

    [Fact]
    public void A_door_that_is_missing_shut_or_no_script_is_found()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no executable bit");
        Write("good", "#!/usr/bin/env bash\n", Executable);
        Write("shut", "#!/usr/bin/env bash\n", UnixFileMode.None);
        Write("other", "echo\n", Executable);
        Assert.Equal(["missing: is not there", "shut: is not executable", "other: does not start with #!/usr/bin/env bash"],
            DoorFaults(_folder, "good", "missing", "shut", "other"));
    }

    private void Write(string name, string text, UnixFileMode mode)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
    }

    private static IEnumerable<string> TooLarge(string root, IEnumerable<string> files, long most) =>
        files.Select(f => (Name: f, File: new FileInfo(Path.Combine(root, f)))).Where(f => f.File.Exists && f.File.Length > most)
            .Select(f => $"{f.Name}: {f.File.Length} bytes, at most {most}");

    private static IEnumerable<string> DoorFaults(string root, params string[] doors)
    {
        foreach (string door in doors)
        {
            string path = Path.Combine(root, door);
            if (!File.Exists(path)) yield return $"{door}: is not there";
            else if (!OperatingSystem.IsWindows() && !File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute)) yield return $"{door}: is not executable";
            else if (File.ReadLines(path).FirstOrDefault() != "#!/usr/bin/env bash") yield return $"{door}: does not start with #!/usr/bin/env bash";
        }
    }

    private static string[]? Tracked(string root)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", root, "ls-files", "-z"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = git.StandardError.ReadToEndAsync();
            string listed = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            _ = errors.GetAwaiter().GetResult();
            return git.ExitCode == 0 ? listed.Split('\0', StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
