using System.Reflection;
using System.Runtime.CompilerServices;

namespace Larder.Tidy.PublicApi;

/// <summary>Types as C# writes them, with what is known about null.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> _keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(short)] = "short",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(ushort)] = "ushort",
        [typeof(sbyte)] = "sbyte",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string Of(Type type, Nulls? nulls = null)
    {
        if (type.IsByRef) return Of(type.GetElementType()!, nulls);
        if (Nullable.GetUnderlyingType(type) is { } value) return Of(value, nulls) + "?";
        string mark = (type.IsValueType && !type.IsGenericType) || nulls?.Next() != 2 ? "" : "?";
        if (type.IsArray) return $"{Of(type.GetElementType()!, nulls)}[]{mark}";
        if (type.IsGenericParameter) return type.Name + mark;
        if (_keywords.TryGetValue(type, out string? keyword)) return keyword + mark;
        var arguments = type.GetGenericArguments();
        string written = arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(a => Of(a, nulls)))}>";
        return (type.DeclaringType is { } parent ? Bare(parent) + "." : "") + Bare(type) + written + mark;
    }

    public static string Constraints(Type[] arguments) => string.Concat(arguments.Where(a => a.IsGenericParameter).Select(a =>
    {
        string[] all = [.. Flags(a), .. a.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(c => Of(c))];
        return all.Length == 0 ? "" : $" where {a.Name} : {string.Join(", ", all)}";
    }));

    private static IEnumerable<string> Flags(Type argument)
    {
        var flags = argument.GenericParameterAttributes;
        bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)) yield return "class";
        if (isStruct) yield return "struct";
        if (!isStruct && NotNull(argument)) yield return "notnull";
        if (!isStruct && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint)) yield return "new()";
        if (flags.HasFlag(GenericParameterAttributes.AllowByRefLike)) yield return "allows ref struct";
    }

    // On what an extension block is lowered to, the compiler leaves the note on the block's parameters out.
    private static bool NotNull(Type argument) =>
        argument.DeclaringMethod?.IsDefined(typeof(ExtensionAttribute)) != true && (argument.GenericParameterAttributes & GenericParameterAttributes.ReferenceTypeConstraint) == 0
        && argument.GetGenericParameterConstraints().Length == 0 && Nulls.OfGeneric(argument).Next() == 1;

    private static string Bare(Type type) => type.Name.Split('`')[0];
}
