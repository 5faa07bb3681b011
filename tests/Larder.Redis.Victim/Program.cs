using System.Globalization;
using Larder;
using Larder.Redis.Victim;

// history FOLDER PORT INDEX PROCESSES SEED TRACKING, or crowd FOLDER PORT INDEX LEASE-SECONDS: does what it reads from its input, until that ends.
int Number(int at) => int.Parse(args[at], CultureInfo.InvariantCulture);
using var truth = new Truth(args[1]);
if (args[0] == "history")
{
    using var reporter = new Reporter(truth, args[1], Number(2), Number(3), Number(4), Number(5), Enum.Parse<RedisTracking>(args[6]));
    await reporter.RunAsync(Console.In, Console.Out);
}
else
{
    await new Crowd(truth, Number(2), Number(3), TimeSpan.FromSeconds(Number(4))).RunAsync(Console.In, Console.Out);
}
