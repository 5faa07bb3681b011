using Larder.Cli.Tests.Support;

namespace Larder.Cli.Tests.Commands;

/// <summary>Input that is refused: one line that names the value and what is allowed, and exit code 2.</summary>
public sealed class RefusalTests : TempFolder
{
    [Theory]
    [InlineData("'0'", "from 1", "-c", "0")]
    [InlineData("'-1'", "from 1", "-c", "-1")]
    [InlineData("'many'", "whole number", "-c", "many")]
    [InlineData("'1.5'", "whole number", "-c", "1.5")]
    [InlineData("''", "whole number", "-c", "10,,20")]
    [InlineData("'99999999999999999999'", "9223372036854775807", "-c", "99999999999999999999")]
    [InlineData("'0'", "above 0", "--percent", "0")]
    [InlineData("'-5'", "above 0", "--percent", "-5")]
    [InlineData("'100.1'", "at most 100", "--percent", "1,100.1")]
    [InlineData("'half'", "number", "--percent", "half")]
    [InlineData("--capacity", "--percent")]
    [InlineData("'7'", "only one", "-c", "5", "--percent", "7")]
    [InlineData("'clock'", "sieve", "-c", "5", "--policy", "clock")]
    [InlineData("''", "sieve", "-c", "5", "--policy", "fifo,")]
    [InlineData("'csv'", "u64, text", "-c", "5", "--format", "csv")]
    [InlineData("'-2'", "from 0", "-c", "5", "--seed", "-2")]
    [InlineData("nowhere", "does not exist", "-c", "5", "--plot", "nowhere/plot.svg")]
    [InlineData("'--fast'", "--help", "-c", "5", "--fast")]
    [InlineData("'-c'", "--help", "-c")]
    [InlineData("'-c'", "2 were provided", "-c", "1", "-c", "2")]
    public void A_bad_option_is_refused(string named, string allowed, params string[] options)
    {
        string line = CommandLine.Run(["simulate", GeneratedTrace.Path, .. options]).Refusal();
        Assert.Contains(named, line);
        Assert.Contains(allowed, line);
    }

    [Theory]
    [InlineData("simulate")]
    [InlineData("'replay'", "replay")]
    [InlineData("command")]
    public void A_bad_command_is_refused(string named, params string[] args)
    {
        string line = CommandLine.Run(args.Length == 0 && named == "simulate" ? ["simulate"] : args).Refusal();
        Assert.Contains(named, line);
        Assert.Contains("--help", line);
    }

    [Fact]
    public void A_file_that_is_absent_is_refused_before_any_is_replayed() =>
        Assert.Contains("does not exist", Refused(GeneratedTrace.Path, At("absent.u64")));

    [Fact]
    public void A_folder_is_refused() => Assert.Contains("is a folder", Refused(Folder));

    [Fact]
    public void A_truncated_record_is_refused() =>
        Assert.Contains("multiple of 8", Refused(Write("cut.u64", U64([1, 2, 3])[..^3])));

    [Theory]
    [InlineData("empty.u64")]
    [InlineData("empty.txt")]
    public void An_empty_trace_is_refused(string name)
    {
        Assert.Contains("is empty", Refused(Write(name, "")));
        Assert.Contains("is empty", Refused(Write(name + ".gz", Gzip([]))));
    }

    [Fact]
    public void Text_of_empty_lines_is_refused() => Assert.Contains("is empty", Refused(Write("lines.txt", "\n\n\n")));

    [Fact]
    public void Bytes_that_are_no_text_are_refused() =>
        Assert.Contains("not UTF-8", Refused(Write("binary.txt", [(byte)'a', (byte)'\n', 0xff, 0xfe, 0x80])));

    [Fact]
    public void Gzip_with_a_wrong_byte_is_refused()
    {
        byte[] packed = File.ReadAllBytes(GeneratedTrace.Path);
        packed[packed.Length / 2] ^= 0x55;
        Assert.Contains("is damaged", Refused(Write("wrong.u64.gz", packed)));
    }

    [Fact]
    public void Gzip_cut_short_anywhere_is_refused()
    {
        byte[] packed = File.ReadAllBytes(GeneratedTrace.Path);
        foreach (int length in new[] { 3, 12, packed.Length / 2, packed.Length - 9, packed.Length - 1 })
            Refused(Write("short.u64.gz", packed[..length]));
    }

    [Fact]
    public void A_bad_file_among_good_ones_leaves_no_output() => Refused(GeneratedTrace.Path, Write("bad.u64", [1, 2, 3]));

    private static string Refused(params string[] traces)
    {
        string line = CommandLine.Run(["simulate", .. traces, "-c", "5", "--json"]).Refusal();
        Assert.Contains($"'{traces[^1]}'", line);
        return line;
    }
}
