using BenchmarkDotNet.Attributes;
using Larder.Benchmarks.Measuring;
using Larder.Benchmarks.Probes;
using Larder.Benchmarks.Ratios;

namespace Larder.Benchmarks.Suites;

/// <summary>A write over an existing key, in depth.</summary>
[MemoryDiagnoser]
public class SetBenchmark
{
    private Worker? _longs, _longDictionary, _strings, _stringDictionary;

    /// <summary>How many keys are walked.</summary>
    [Params(1, 10_000)]
    public int Keys { get; set; }

    /// <summary>Fills the caches.</summary>
    [GlobalSetup]
    public void Setup()
    {
        long[] longs = KeySet.Longs(Keys), walk = KeySet.Walk(longs, Worker.PassLength);
        string[] strings = KeySet.Strings(Keys), stringWalk = KeySet.Walk(strings, Worker.PassLength);
        object written = new();
        _longs = new Worker<LarderSet<long>>(new(Caches.Filled(HitRows.Capacity, longs), walk, written));
        _longDictionary = new Worker<DictionarySet<long>>(new(Caches.FilledDictionary(longs), walk, written));
        _strings = new Worker<LarderStringSet>(new(Caches.Filled(HitRows.Capacity, strings), stringWalk, written));
        _stringDictionary = new Worker<DictionaryStringSet>(new(Caches.FilledDictionary(strings), stringWalk, written));
    }

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int LongLarder() => _longs!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int LongDictionary() => _longDictionary!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int StringLarder() => _strings!.Pass();

    [Benchmark(OperationsPerInvoke = Worker.PassLength)]
    public int StringDictionary() => _stringDictionary!.Pass();
}
