using System.Globalization;

namespace Storefront;

/// <summary>How many there are of each product, in files that all instances of the shop share, as they would share a database.</summary>
internal sealed class StockRoom(string folder)
{
    private const int Full = 40;

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(folder, "stock")).FullName;
    private readonly Lock _gate = new();

    public int Of(Product product)
    {
        try
        {
            return int.Parse(File.ReadAllText(Path.Combine(_folder, product.Id)), CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or FormatException)
        {
            return 3 + product.Hue % (Full - 3); // Nobody has bought any yet.
        }
    }

    /// <summary>Takes one. Returns false if there is none.</summary>
    public bool TryTake(Product product)
    {
        // Between two processes the last word counts; a database would keep them apart, too.
        lock (_gate)
        {
            int left = Of(product);
            if (left > 0) Write(product, left - 1);
            return left > 0;
        }
    }

    public void Fill(Product product)
    {
        lock (_gate) Write(product, Full);
    }

    private void Write(Product product, int units)
    {
        string next = Path.Combine(_folder, $".{Guid.NewGuid():N}");
        File.WriteAllText(next, units.ToString(CultureInfo.InvariantCulture));
        File.Move(next, Path.Combine(_folder, product.Id), overwrite: true);
    }
}
