using System.Buffers;
using System.Text;
using Larder.TestKit;

namespace Larder.Tests.Coherence;

public sealed class UnreadableKeyTests
{
    [Fact]
    public async Task A_key_whose_format_throws_keeps_no_other_of_the_same_message_from_being_heard()
    {
        var bus = new InProcessBus();
        await using var cache = new LoadingCache<string, string>(static (key, _) => new($"new {key}"), new()
        {
            Name = "hearing",
            Coherence = new(bus.Join()),
            Payloads = new() { KeyFormat = new Choosy() },
            Memory = new() { TimeProvider = new FakeClock() },
        });
        await using var channel = bus.Join();
        await cache.SetAsync("a", "old");
        await channel.PublishAsync(Invalidation.Of(new TierKey("hearing/0/choosy/!"), new TierKey("hearing/0/choosy/a")));
        Assert.Equal("new a", await cache.GetAsync("a"));
    }

    /// <summary>Of a program that does not know what another version of it writes.</summary>
    private sealed class Choosy : KeyFormat<string>
    {
        public override string Tag => "choosy";

        public override void Write(string key, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(key, target);

        public override bool TryRead(ReadOnlySpan<byte> bytes, out string key)
        {
            key = Encoding.UTF8.GetString(bytes);
            return key[0] == '!' ? throw new FormatException("No key of this program begins so.") : true;
        }
    }
}
