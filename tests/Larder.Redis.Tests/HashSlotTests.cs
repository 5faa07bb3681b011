using System.Text;
using Larder.Redis.Protocol;

namespace Larder.Redis.Tests;

public sealed class HashSlotTests
{
    // The first is the check value of the cluster specification, 0x31C3; the others are what CLUSTER KEYSLOT says.
    [Theory]
    [InlineData("123456789", 0x31C3)]
    [InlineData("somekey", 11058)]
    [InlineData("foo{hash_tag}", 2515)]
    [InlineData("bar{hash_tag}", 2515)]
    [InlineData("foo{}{bar}", 8363)]
    public void A_key_has_the_slot_of_the_specification(string key, int slot)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(key);
        Assert.Equal(slot, HashSlot.Of(bytes));
        Assert.Equal(slot, HashSlot.Of(bytes.AsSpan(0, 3), bytes.AsSpan(3)));
    }

    [Fact]
    public void Every_slot_has_a_tag_that_puts_keys_there()
    {
        for (int slot = 0; slot < HashSlot.Count; slot++) Assert.Equal(slot, HashSlot.Of([.. "larder:users!generation"u8, .. HashSlot.Tag(slot)]));
    }

    [Fact]
    public void What_belongs_to_an_entry_lies_in_its_slot()
    {
        foreach (string key in new[] { "users/0/s/u:1", "users/0/s/{a}b", "users/0/s/ä", "{x}/0/s/1", "users/0/s/{}" })
        {
            var tierKey = new TierKey(key);
            int slot = RedisNames.Slot(tierKey);
            Assert.Equal(slot, HashSlot.Of(RedisNames.Of(tierKey).Span));
            if (key != "users/0/s/{}") Assert.Equal(slot, HashSlot.Of(RedisNames.Lease(tierKey, isCluster: true)));
        }
    }
}
