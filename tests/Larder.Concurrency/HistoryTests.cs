namespace Larder.Concurrency;

public sealed class HistoryTests
{
    [Fact]
    public void A_read_of_an_overwritten_value_is_rejected() => Assert.False(History.IsLinearizable(
    [
        new(0, Did.Set, 0, 1, 1, null), new(0, Did.Set, 2, 3, 2, null), new(1, Did.Read, 4, 5, null, 1),
    ]));

    [Fact]
    public void A_read_that_overlaps_a_write_may_see_either_value()
    {
        Operation[] writes = [new(0, Did.Set, 0, 1, 1, null), new(0, Did.Set, 2, 5, 2, null)];
        Assert.True(History.IsLinearizable([.. writes, new(1, Did.Read, 3, 4, null, 1)]));
        Assert.True(History.IsLinearizable([.. writes, new(1, Did.Read, 3, 4, null, 2)]));
        Assert.False(History.IsLinearizable([.. writes, new(1, Did.Read, 3, 4, null, null)]));
    }

    [Fact]
    public void A_false_miss_and_a_resurrected_value_are_rejected()
    {
        Assert.False(History.IsLinearizable([new(0, Did.Set, 0, 1, 1, null), new(1, Did.Read, 2, 3, null, null)]));
        Assert.False(History.IsLinearizable([new(0, Did.Set, 0, 1, 1, null), new(0, Did.Remove, 2, 3, null, 1), new(1, Did.Read, 4, 5, null, 1)]));
    }

    [Fact]
    public void A_factory_that_overwrites_a_later_write_is_rejected() => Assert.False(History.IsLinearizable(
    [
        new(0, Did.GetOrAdd, 0, 9, 7, 7, Ran: true), new(1, Did.Set, 2, 3, 1, null), new(1, Did.Read, 10, 11, null, 7),
        new(1, Did.Read, 4, 5, null, 1),
    ]));
}
