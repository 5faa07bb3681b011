using BenchmarkDotNet.Running;
using Larder.Benchmarks.Ratios;
using Larder.Benchmarks.Suites;

switch (args)
{
    case ["full", .. var rest]:
        BenchmarkSwitcher.FromTypes([typeof(HitBenchmark), typeof(SetBenchmark), typeof(ReadThroughBenchmark)]).Run(rest);
        return 0;
    case ["ratios", .. var rest]:
        return RatiosCommand.Run(rest);
    default:
        return RatiosCommand.Run(args);
}
