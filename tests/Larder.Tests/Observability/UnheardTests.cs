using Larder.Observability;
using Larder.TestKit;

namespace Larder.Tests.Observability;

/// <summary>What traces cost while nobody listens. Whoever listens does so alone: <see cref="TraceTests"/>.</summary>
public sealed class UnheardTests
{
    [Fact]
    public void Nothing_is_made_for_traces_that_nobody_hears()
    {
        Assert.Null(LoadTrace.Here());
        Assert.Equal(0, Allocations.Of(static () =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                LoadTrace.Here();
                Traces.Begin("larder.load", "shop", 1);
                Traces.BeginApart("larder.refresh", "shop", 1, []);
                TierCall.Get("shop", "disk", 1, TimeProvider.System).End(null);
            }
        }));
    }
}
