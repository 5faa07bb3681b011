namespace Larder.Benchmarks.Measuring;

/// <summary>Rows that are measured together.</summary>
/// <param name="Name">A word that the name of every row begins with or holds; <c>--only</c> looks here.</param>
internal sealed record Question(string Name, Func<IEnumerable<Row>> Ask);
