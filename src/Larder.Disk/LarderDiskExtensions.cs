using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Larder;

/// <summary>Puts a disk tier below a cache that a container has.</summary>
/// <example><code>.AddCache&lt;string, User&gt;("users", cache => cache.Load&lt;UserLoader&gt;().OnDisk("cache/users"))</code></example>
public static class LarderDiskExtensions
{
    extension<TKey, TValue>(CacheBuilder<TKey, TValue> cache) where TKey : notnull
    {
        /// <summary>Keeps values in files of that folder, which is this cache's alone; opened with the cache.</summary>
        /// <param name="directory">The folder.</param>
        /// <param name="lifetime">How long; null for as long as in memory.</param>
        /// <param name="change">Changes the tier's other options.</param>
        public CacheBuilder<TKey, TValue> OnDisk(string directory, Lifetime? lifetime = null, Func<DiskTierOptions, DiskTierOptions>? change = null)
        {
            ArgumentNullException.ThrowIfNull(cache);
            return cache.Tier(services =>
            {
                var options = new DiskTierOptions { Directory = directory };
                if (services.GetService<TimeProvider>() is { } time) options = options with { TimeProvider = time };
                if (services.GetService<ILoggerFactory>() is { } loggers) options = options with { Logger = loggers.CreateLogger($"Larder.Disk.{cache.Name}") };

                // A container builds what it has without waiting; this does, once, before the application starts.
                return new(DiskTier.OpenAsync(change?.Invoke(options) ?? options).AsTask().GetAwaiter().GetResult()) { Lifetime = lifetime };
            });
        }

        /// <summary>As the other, by a section of the configuration, which names the <see cref="DiskTierOptions.Directory"/> and whatever else is not to be as by default.</summary>
        /// <param name="section">The section, whose keys are named as the options are. What is wrong in it is said with all that is wrong in the cache's own.</param>
        /// <param name="lifetime">How long; null for as long as in memory.</param>
        /// <example><code>cache.Load&lt;UserLoader&gt;().OnDisk(builder.Configuration.GetSection("Disks:users"))</code></example>
        public CacheBuilder<TKey, TValue> OnDisk(IConfigurationSection section, Lifetime? lifetime = null)
        {
            ArgumentNullException.ThrowIfNull(section);
            return cache.OnDisk("", lifetime, options => DiskConfiguration.Apply(section, options));
        }
    }
}
