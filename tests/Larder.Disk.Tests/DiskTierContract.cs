using Larder.Contracts;

namespace Larder.Disk.Tests;

public sealed class DiskTierContract : CacheTierContract, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The tests' tier has little memory, of which no entry may take more than a part.
    protected override int Large => 10_000;

    protected override async ValueTask<ICacheTier> OpenAsync() => await _folder.OpenAsync();
}
