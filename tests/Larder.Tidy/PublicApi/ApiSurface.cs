using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Larder.Tidy.PublicApi;

/// <summary>What users of an assembly can see, one line for each type and member, sorted.</summary>
internal static class ApiSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(params IEnumerable<Type> types) => string.Join('\n',
        types.Where(t => t.IsVisible && !t.FullName!.Contains('<', StringComparison.Ordinal)).OrderBy(t => t.FullName, StringComparer.Ordinal)
            .Select(t => string.Concat(Members(t).Order(StringComparer.Ordinal).Select(m => $"    {m}\n").Prepend(Head(t) + "\n"))));

    private static string Head(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            _ when type.IsAssignableTo(typeof(Delegate)) => "delegate",
            { IsValueType: true } => type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly struct" : "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (type.GetMethod("<Clone>$") is null ? "class" : "record"),
        };
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var bases = type.GetInterfaces().Except(inherited).Where(i => i.IsVisible).OrderBy(i => i.FullName, StringComparer.Ordinal)
            .Prepend(type.BaseType!).Where(b => !type.IsEnum && b is not null && b != typeof(object) && b != typeof(ValueType)).Select(b => TypeNames.Of(b));
        string list = string.Join(", ", bases);
        return $"{kind} {type.Namespace}.{TypeNames.Of(type)}{(list.Length == 0 ? "" : " : " + list)}{TypeNames.Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(n => $"{n} = {Convert.ToInt64(Enum.Parse(type, n), CultureInfo.InvariantCulture)}");
        return type.GetMembers(Declared).Where(m => !m.Name.Contains('<', StringComparison.Ordinal) && !m.IsDefined(typeof(CompilerGeneratedAttribute))).Select(m => m switch
        {
            FieldInfo f when Seen(f.Attributes) => $"{(f.IsLiteral ? "const " : Static(f.IsStatic) + (f.IsInitOnly ? "readonly " : ""))}{TypeNames.Of(f.FieldType, Nulls.Of(f))} {f.Name}{Constant(f.IsLiteral, f)}",
            PropertyInfo p when Accessors(p) is { Length: > 0 } a => $"{Modifiers((p.GetMethod ?? p.SetMethod)!)}{Required(p)}{TypeNames.Of(p.PropertyType, Nulls.Of(p))} {p.Name}{Index(p)} {{ {a} }}",
            EventInfo e when Seen(e.AddMethod) => $"{Modifiers(e.AddMethod!)}event {TypeNames.Of(e.EventHandlerType!)} {e.Name}",
            ConstructorInfo c when Seen(c) && !c.IsStatic => $"{Protected(c)}{type.Name.Split('`')[0]}({Parameters(c.GetParameters())})",
            MethodInfo r when Seen(r) && (!r.IsSpecialName || r.Name.StartsWith("op_", StringComparison.Ordinal)) => Method(r),
            _ => "",
        }).Where(line => line.Length > 0);
    }

    private static string Method(MethodInfo method)
    {
        var own = method.GetGenericArguments();
        string generic = own.Length == 0 ? "" : $"<{string.Join(", ", own.Select(a => a.Name))}>";
        return $"{Modifiers(method)}{TypeNames.Of(method.ReturnType, Nulls.Of(method.ReturnParameter))} {method.Name}{generic}({Parameters(method.GetParameters())}){TypeNames.Constraints(own)}";
    }

    private static string Parameters(IEnumerable<ParameterInfo> parameters) => string.Join(", ", parameters.Select(p =>
    {
        string mode = p.Position == 0 && p.Member.IsDefined(typeof(ExtensionAttribute)) ? "this " : p.IsOut ? "out " : p.IsIn && p.ParameterType.IsByRef ? "in " : p.ParameterType.IsByRef ? "ref " : "";
        string preset = p.HasDefaultValue ? " = " + Convert.ToString(p.RawDefaultValue ?? "default", CultureInfo.InvariantCulture) : "";
        return $"{FlowNotes(p)}{mode}{TypeNames.Of(p.ParameterType, Nulls.Of(p))} {p.Name}{preset}";
    }));

    // [NotNullWhen(true)] and its kin: what a caller's compiler concludes.
    private static string FlowNotes(ParameterInfo parameter) => string.Concat(parameter.GetCustomAttributesData()
        .Where(a => a.AttributeType.Namespace == "System.Diagnostics.CodeAnalysis" && a.AttributeType.Name.Contains("Null", StringComparison.Ordinal))
        .Select(a => $"[{a.AttributeType.Name[..^"Attribute".Length]}({string.Join(", ", a.ConstructorArguments.Select(c => c.Value))})] "));

    private static string Accessors(PropertyInfo property)
    {
        bool init = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit") == true;
        return string.Join(" ", new[] { Seen(property.GetMethod) ? "get;" : "", Seen(property.SetMethod) ? init ? "init;" : "set;" : "" }.Where(a => a.Length > 0));
    }

    private static string Modifiers(MethodInfo method) => Protected(method) + Static(method.IsStatic) +
        (method.DeclaringType!.IsInterface || !method.IsVirtual || method.IsFinal ? "" : method.GetBaseDefinition() != method ? "override " : method.IsAbstract ? "abstract " : "virtual ");

    private static string Index(PropertyInfo property) => property.GetIndexParameters() is { Length: > 0 } index ? $"[{Parameters(index)}]" : "";

    private static string Constant(bool literal, FieldInfo field) => literal ? " = " + Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture) : "";

    private static string Required(PropertyInfo property) => property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";

    private static string Protected(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Static(bool isStatic) => isStatic ? "static " : "";

    private static bool Seen(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static bool Seen(FieldAttributes field) => (field & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;
}
