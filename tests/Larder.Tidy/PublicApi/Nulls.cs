using System.Collections.ObjectModel;
using System.Reflection;

namespace Larder.Tidy.PublicApi;

/// <summary>
/// The compiler's notes on null, one byte for each place in a type, outermost first: 1 not null, 2 nullable. Read raw,
/// since reflection's own reader takes every unconstrained T for T?. See docs/features/nullable-metadata.md of Roslyn.
/// </summary>
internal sealed class Nulls
{
    private readonly byte[] _flags; // One alone stands for every place.
    private int _next;

    private Nulls(IList<CustomAttributeData> own, MemberInfo? context)
    {
        byte[]? flags = Find(own, "NullableAttribute");
        for (; flags is null && context is not null; context = context.DeclaringType) flags = Find(context.GetCustomAttributesData(), "NullableContextAttribute");
        _flags = flags ?? [0];
    }

    public static Nulls Of(ParameterInfo parameter) => new(parameter.GetCustomAttributesData(), parameter.Member);

    public static Nulls Of(MemberInfo member) => new(member.GetCustomAttributesData(), member.DeclaringType);

    public static Nulls OfGeneric(Type argument) => new(argument.GetCustomAttributesData(), (MemberInfo?)argument.DeclaringMethod ?? argument.DeclaringType);

    public byte Next() => _flags.Length == 1 ? _flags[0] : _flags[_next++];

    private static byte[]? Find(IList<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(a => a.AttributeType.Name == name)?.ConstructorArguments[0].Value switch
        {
            byte flag => [flag],
            ReadOnlyCollection<CustomAttributeTypedArgument> flags => [.. flags.Select(f => (byte)f.Value!)],
            _ => null,
        };
}
