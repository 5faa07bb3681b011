using System.Globalization;

namespace Larder.Benchmarks.Measuring;

/// <summary>One line of the table.</summary>
/// <param name="Ours">Larder's figure, in nanoseconds where the name's row says nothing else.</param>
/// <param name="Theirs">The other's, in the same unit.</param>
/// <param name="Bytes">What Larder allocates per operation.</param>
internal sealed record Row(string Name, double Ours, double Theirs, double Bytes, Goal? Goal = null, string Note = "")
{
    internal double Ratio => Ours / Theirs;

    internal bool Misses => Goal is { } goal && !goal.IsMet(this);

    internal static Row Of(string name, Side ours, Side theirs, Goal? goal = null, string note = "") =>
        new(name, ours.Nanoseconds, theirs.Nanoseconds, ours.BytesPerOperation, goal, note is "" ? Allocated(theirs) : note);

    private static string Allocated(Side theirs) =>
        theirs.BytesPerOperation < 0.05 ? "" : string.Create(CultureInfo.InvariantCulture, $"theirs allocates {theirs.BytesPerOperation:F1} bytes/op");
}
