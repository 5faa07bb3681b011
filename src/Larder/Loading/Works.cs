namespace Larder.Loading;

/// <summary>Tells whether two reads want the same work: the cache's own loaders, or one function, whatever it captured.</summary>
internal static class Works
{
    internal static bool AreSame(object a, object b) => a == b || (a is Delegate one && b is Delegate other && one.Method == other.Method);
}
