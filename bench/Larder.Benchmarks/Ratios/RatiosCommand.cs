using Larder.Benchmarks.Measuring;

namespace Larder.Benchmarks.Ratios;

/// <summary>Asks the questions and prints the rows.</summary>
internal static class RatiosCommand
{
    internal static int Run(string[] args)
    {
        bool isJson = false, isLarge = false;
        string? only = null, redis = null;
        bool isRedis = false;
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--json": isJson = true; break;
                case "--large": isLarge = true; break;
                case "--redis":
                    isRedis = true;
                    if (i + 1 < args.Length && !args[i + 1].StartsWith('-')) redis = args[++i];
                    break;
                case "--only" when i + 1 < args.Length: only = args[++i]; break;
                default: return Usage(args[i]);
            }
        }

        IEnumerable<Question> questions = isRedis ? [.. new RedisRows(redis).Questions, .. RedisClusterRows.Questions] : [.. HitRows.Questions, .. SetRows.Questions, .. LoadingRows.Questions, .. ReadThroughRows.Questions, .. BytesRows.Questions, .. DiskRows.Questions, .. TierRows.Questions, .. FaceRows.Questions, .. MeterRows.Questions, .. AdviceRows.Questions, .. LeaseRows.Questions, .. isLarge ? ChurnRows.Questions : []];
        var rows = new List<Row>();
        if (!isJson) Report.Head();
        foreach (var question in questions.Where(question => only is null || question.Name.Contains(only, StringComparison.Ordinal)))
        {
            foreach (var row in question.Ask())
            {
                rows.Add(row);
                if (!isJson) Report.Print(row);
            }
        }

        if (isJson) Report.PrintJson(rows);
        else Console.WriteLine($"{rows.Count(static row => row.Misses)} of {rows.Count} rows miss their goal.");
        return 0;
    }

    private static int Usage(string fault)
    {
        Console.Error.WriteLine($"""
            Not understood: {fault}
            ratios --redis [HOST:PORT]                the Redis tier beside redis-benchmark, and on a cluster; starts servers itself, but for the one that is named
            ratios [--json] [--only PART] [--large]   every row beside its rival, in one run (the default)
            full [arguments of BenchmarkDotNet]       the suites in depth
            """);
        return 2;
    }
}
