using Spectre.Console;

namespace Larder.Cli.Reports;

/// <summary>A table that is as wide as its content, so that no number is broken in two.</summary>
internal static class PlainTable
{
    private const int Unbounded = 10_000;

    /// <summary>A table whose columns are right-aligned where their title starts with <c>&gt;</c>.</summary>
    public static Table Create(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            bool right = column.StartsWith('>');
            table.AddColumn(new TableColumn(new Text(right ? column[1..] : column))
            {
                Alignment = right ? Justify.Right : Justify.Left,
                NoWrap = true,
            });
        }

        return table;
    }

    public static void Add(Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    public static void Write(TextWriter output, Table table)
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = Unbounded;
        console.Write(table);
    }
}
