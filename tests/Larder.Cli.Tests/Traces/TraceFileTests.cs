using Larder.Cli.Tests.Support;
using Larder.Cli.Traces;

namespace Larder.Cli.Tests.Traces;

public sealed class TraceFileTests : TempFolder
{
    [Theory]
    [InlineData("a.u64", false)]
    [InlineData("a.bin", false)]
    [InlineData("a.u64.gz", true)]
    [InlineData("packed-without-saying-so.u64", true)]
    public void A_u64_trace_reads_the_same_plain_and_packed(string name, bool packed)
    {
        byte[] bytes = U64([7, ulong.MaxValue, 7, 0]);
        var trace = Read(Write(name, packed ? Gzip(bytes) : bytes));
        Assert.Equal([0, 1, 0, 2], trace.Requests);
        Assert.Equal(3, trace.Unique);
    }

    [Theory]
    [InlineData("a.txt", false)]
    [InlineData("a.txt.gz", true)]
    [InlineData("no-extension", false)]
    public void A_text_trace_has_a_key_per_line_whatever_the_key(string name, bool packed)
    {
        byte[] bytes = "user:1\r\nstraße 7\n\nuser:1\nlast"u8.ToArray();
        var trace = Read(Write(name, packed ? Gzip(bytes) : bytes));
        Assert.Equal([0, 1, 0, 2], trace.Requests);
    }

    [Fact]
    public void The_format_given_beats_the_extension()
    {
        var trace = Read(Write("a.txt", U64([1, 2, 1])), "u64");
        Assert.Equal([0, 1, 0], trace.Requests);
        Assert.Equal([0, 1], Read(Write("a.u64", "x\ny\n"), "text").Requests);
    }

    [Fact]
    public void A_trace_longer_than_a_buffer_is_read_to_its_end()
    {
        ulong[] keys = [.. Enumerable.Range(0, 100_003).Select(i => (ulong)(i % 777))];
        var trace = Read(WriteU64("long.u64", keys));
        Assert.Equal(keys.Select(key => (int)key), trace.Requests);
    }

    [Theory]
    [InlineData("/x/web12.u64.gz", "web12")]
    [InlineData("web12.u64", "web12")]
    [InlineData("web12.gz", "web12")]
    [InlineData("web12.txt", "web12.txt")]
    [InlineData("web12.txt.gz", "web12.txt")]
    public void The_name_loses_gz_and_u64(string path, string name) => Assert.Equal(name, TraceFile.NameOf(path));

    [Fact]
    public void The_committed_trace_is_the_generated_one()
    {
        var committed = Read(GeneratedTrace.Path);
        var generated = Read(WriteU64(GeneratedTrace.Name + ".u64", GeneratedTrace.Keys()));
        Assert.Equal(generated.Name, committed.Name);
        Assert.Equal(generated.Requests, committed.Requests);
        Assert.Equal(generated.Hashes, committed.Hashes);
    }

    [Fact]
    public void Hashes_of_neighbouring_keys_spread_over_every_bit()
    {
        var trace = Read(WriteU64("near.u64", Enumerable.Range(0, 4096).Select(i => (ulong)i)));
        for (int bit = 0; bit < 32; bit++)
            Assert.InRange(trace.Hashes.Count(hash => (hash >> bit & 1) != 0), 1850, 2246); // ± 6 σ
    }

    [Theory]
    [InlineData(1000, "0.01", 1)]
    [InlineData(1000, "100", 1000)]
    [InlineData(35070, "5", 1754)] // 1753.5
    [InlineData(7075, "10", 708)] // 707.5
    [InlineData(35070, "0.1", 35)]
    [InlineData(3, "1", 1)]
    public void A_percent_of_the_keys_is_rounded_to_the_nearest_and_at_least_1(int unique, string percent, long capacity) =>
        Assert.Equal(capacity, new Trace("t", [0], new int[unique]).CapacityOf(decimal.Parse(percent, System.Globalization.CultureInfo.InvariantCulture)));

    private static Trace Read(string path, string? format = null) => TraceFile.Read(path, format, TestContext.Current.CancellationToken);
}
