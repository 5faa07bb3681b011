using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Larder;

/// <summary>Says how the values of a <see cref="LarderHybridCache"/> become bytes, as Microsoft's builder does. The last that is said counts.</summary>
/// <example><code>services.AddLarderHybridCache().AddSerializer&lt;User, UserSerializer&gt;();</code></example>
public sealed class LarderHybridCacheBuilder
{
    internal LarderHybridCacheBuilder(IServiceCollection services) => Services = services;

    /// <summary>What the cache was put into.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The serializer of one type.</summary>
    public LarderHybridCacheBuilder AddSerializer<T>(IHybridCacheSerializer<T> serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        Services.AddSingleton(serializer);
        return this;
    }

    /// <summary>The serializer of one type, from the container.</summary>
    public LarderHybridCacheBuilder AddSerializer<T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSerializer>() where TSerializer : class, IHybridCacheSerializer<T>
    {
        Services.AddSingleton<IHybridCacheSerializer<T>, TSerializer>();
        return this;
    }

    /// <summary>The serializers of many types, for those that have none of their own.</summary>
    public LarderHybridCacheBuilder AddSerializerFactory(IHybridCacheSerializerFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Services.AddSingleton(factory);
        return this;
    }

    /// <summary>The serializers of many types, by a factory from the container.</summary>
    public LarderHybridCacheBuilder AddSerializerFactory<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFactory>() where TFactory : class, IHybridCacheSerializerFactory
    {
        Services.AddSingleton<IHybridCacheSerializerFactory, TFactory>();
        return this;
    }
}
