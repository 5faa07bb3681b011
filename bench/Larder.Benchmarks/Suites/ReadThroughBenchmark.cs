using BenchmarkDotNet.Attributes;
using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;
using Larder.Benchmarks.Ratios;
using Microsoft.Extensions.Caching.Memory;

namespace Larder.Benchmarks.Suites;

/// <summary>Reading through under a skewed load on one thread, in depth.</summary>
[MemoryDiagnoser]
public class ReadThroughBenchmark
{
    private const int Keys = 100_000, Length = 1_000_000;

    private Worker? _longs, _longMemory, _strings, _stringMemory;

    /// <summary>How skewed the load is: the exponent of Zipf's law.</summary>
    [Params(0.7, 0.99)]
    public double Skew { get; set; }

    /// <summary>Draws the keys.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var longs = KeySet.Zipf(KeySet.Longs(Keys), Length, Skew, seed: 1);
        var strings = KeySet.Zipf(KeySet.Strings(Keys), Length, Skew, seed: 1);
        _longs = new Worker<LarderReadThrough>(new(Caches.Larder<long>(ReadThroughRows.Capacity), longs, KeySet.Value));
        _longMemory = new Worker<MemoryCacheReadThrough>(new(Sized(), longs, KeySet.Value, Caches.SizedMemoryCacheEntry));
        _strings = new Worker<LarderStringReadThrough>(new(Caches.Larder<string>(ReadThroughRows.Capacity), strings, KeySet.Value));
        _stringMemory = new Worker<MemoryCacheStringReadThrough>(new(Sized(), strings, KeySet.Value, Caches.SizedMemoryCacheEntry));
    }

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int LongLarder() => _longs!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int LongMemoryCache() => _longMemory!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int StringLarder() => _strings!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int StringMemoryCache() => _stringMemory!.Pass();

    private static MemoryCache Sized() => new(new MemoryCacheOptions { SizeLimit = ReadThroughRows.Capacity });
}
