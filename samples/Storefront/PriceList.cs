using System.Globalization;

namespace Storefront;

/// <summary>The prices that were changed, in a file that all instances of the shop share, as they would share a database.</summary>
internal sealed class PriceList(string folder)
{
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(folder, "prices")).FullName;

    /// <summary>Null if the product has the price it always had.</summary>
    public decimal? Of(string id)
    {
        try
        {
            return decimal.Parse(File.ReadAllText(Path.Combine(_folder, id)), CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or FormatException)
        {
            return null;
        }
    }

    public void Change(string id, decimal price)
    {
        string next = Path.Combine(_folder, $".{Guid.NewGuid():N}");
        File.WriteAllText(next, price.ToString(CultureInfo.InvariantCulture));
        File.Move(next, Path.Combine(_folder, id), overwrite: true); // At once: nobody reads half a price.
    }
}
