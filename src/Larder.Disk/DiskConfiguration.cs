using Larder.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Larder;

/// <summary>Sets a disk tier's options from a section of the configuration, whose keys are named as they are.</summary>
internal static class DiskConfiguration
{
    /// <exception cref="OptionsValidationException">With every fault, each by its key.</exception>
    internal static DiskTierOptions Apply(IConfigurationSection section, DiskTierOptions options)
    {
        List<string> faults = [];
        options = OptionsReader.Whole(section, options, Read, faults);
        faults.AddRange(options.Faults().Select(fault => $"{section.Path}:{fault}"));
        return faults.Count == 0 ? options : throw new OptionsValidationException(section.Path, typeof(DiskTierOptions), faults);
    }

    private static DiskTierOptions Read(OptionsReader from, DiskTierOptions options) => options with
    {
        Directory = from.Text(nameof(options.Directory), options.Directory) ?? "",
        MemorySize = from.Number(nameof(options.MemorySize), options.MemorySize),
        DiskSize = from.Number(nameof(options.DiskSize), options.DiskSize),
        CheckpointInterval = from.Time(nameof(options.CheckpointInterval), options.CheckpointInterval),
        CheckpointBytes = from.Number(nameof(options.CheckpointBytes), options.CheckpointBytes),
        FlushToDevice = from.Flag(nameof(options.FlushToDevice), options.FlushToDevice),
        CloseTimeout = from.Time(nameof(options.CloseTimeout), options.CloseTimeout),
        Name = from.Text(nameof(options.Name), options.Name) ?? "",
    };
}
