using System.Text.RegularExpressions;

namespace Larder.Tidy.Layers;

/// <summary>Which folders may use which: each layer uses only the layers before it, and the plain values of the top.</summary>
/// <param name="layers">Bottom first. Folders in one layer do not use each other.</param>
/// <param name="folderOf">The folder an outermost type lies in; <see cref="Top"/> for the library's own root; null when unknown.</param>
internal sealed class LayerMap(string[][] layers, Func<Type, string?> folderOf)
{
    public const string Top = "";

    /// <summary>The one file of the top that is a layer of its own: what lies above the memory uses it, as users do.</summary>
    public const string FrontDoor = "Cache.cs";

    public IEnumerable<string> Violations(IEnumerable<Type> types)
    {
        HashSet<Type> ours = [.. types];
        return ours.Where(t => !t.IsNested && Level(t) < 0).Select(t => $"{t} lies in '{folderOf(t)}', which is no layer")
            .Concat(from type in ours
                    from used in TypeUses.Of(type)
                    where ours.Contains(used) && !MayUse(Outermost(type), Outermost(used))
                    select $"{Outermost(type)} ({folderOf(Outermost(type))}) uses {Outermost(used)} ({folderOf(Outermost(used))})")
            .Distinct().Order(StringComparer.Ordinal);
    }

    /// <summary>A type that only carries values, or names what went wrong: any layer may use it.</summary>
    public static bool IsPlain(Type type) =>
        type.IsValueType || type.IsAssignableTo(typeof(Delegate)) || type.IsAssignableTo(typeof(Exception)) || type.GetMethod("<Clone>$") is not null;

    private bool MayUse(Type from, Type to) =>
        folderOf(from) == folderOf(to) || Level(to) < Level(from) || (folderOf(to) == Top && IsPlain(to));

    private int Level(Type type) => folderOf(type) switch
    {
        null => -1,
        Top when !layers.Any(static l => l.Contains(Top)) => layers.Length,
        var folder => Array.FindIndex(layers, l => l.Contains(folder)),
    };

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    /// <summary>
    /// A type below the root namespace lies in the folder of its name; one in the root namespace, where users find it
    /// without a using, in the folder of the file that declares it.
    /// </summary>
    public static Func<Type, string?> FoldersOf(string rootNamespace, IReadOnlyDictionary<string, string> sources)
    {
        Dictionary<Type, string?> known = [];
        return type =>
        {
            if (type.Namespace != rootNamespace) return type.Namespace?[(rootNamespace.Length + 1)..].Split('.')[0];
            if (!known.TryGetValue(type, out string? folder)) known[type] = folder = Declaring(type.Name.Split('`')[0]);
            return folder;
        };

        string? Declaring(string name)
        {
            Regex declaration = new($@"^[a-z][a-z ]*\b(class|struct|record|interface|enum|delegate\b.*)\s+{name}\b", RegexOptions.Multiline);
            string? path = sources.FirstOrDefault(s => s.Value.Contains($"namespace {rootNamespace};", StringComparison.Ordinal) && declaration.IsMatch(s.Value)).Key;
            return path is null ? null : path.Contains('/', StringComparison.Ordinal) ? path.Split('/')[0] : path == FrontDoor ? FrontDoor : Top;
        }
    }
}
