using BenchmarkDotNet.Attributes;
using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;
using Larder.Benchmarks.Ratios;

namespace Larder.Benchmarks.Suites;

/// <summary>A hit, in depth.</summary>
[MemoryDiagnoser]
public class HitBenchmark
{
    private Worker? _longs, _longDictionary, _longMemory, _strings, _stringDictionary, _stringMemory;

    /// <summary>How many keys are walked.</summary>
    [Params(1, 10_000)]
    public int Keys { get; set; }

    /// <summary>Fills the caches.</summary>
    [GlobalSetup]
    public void Setup()
    {
        long[] longs = KeySet.Longs(Keys), walk = KeySet.Walk(longs, Worker.PassLength);
        string[] strings = KeySet.Strings(Keys), stringWalk = KeySet.Walk(strings, Worker.PassLength);
        _longs = new Worker<LarderHit<long>>(new(Caches.Filled(HitRows.Capacity, longs), walk));
        _longDictionary = new Worker<DictionaryHit<long>>(new(Caches.FilledDictionary(longs), walk));
        _longMemory = new Worker<MemoryCacheHit<long>>(new(Caches.FilledMemoryCache(longs), walk));
        _strings = new Worker<LarderStringHit>(new(Caches.Filled(HitRows.Capacity, strings), stringWalk));
        _stringDictionary = new Worker<DictionaryStringHit>(new(Caches.FilledDictionary(strings), stringWalk));
        _stringMemory = new Worker<MemoryCacheStringHit>(new(Caches.FilledMemoryCache(strings), stringWalk));
    }

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int LongLarder() => _longs!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int LongDictionary() => _longDictionary!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int LongMemoryCache() => _longMemory!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int StringLarder() => _strings!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int StringDictionary() => _stringDictionary!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int StringMemoryCache() => _stringMemory!.Pass();
}
