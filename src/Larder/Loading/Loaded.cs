using System.Diagnostics.CodeAnalysis;

namespace Larder;

/// <summary>What a loader brings for one key: a value, the news that there is none, or that the old value still holds.</summary>
/// <remarks>A value converts by itself: a loader may just return it.</remarks>
/// <example><code>
/// Loaded&lt;Token&gt; loaded = token;                                                   // as long as the cache keeps values
/// return new Loaded&lt;Token&gt;(token) { Lifetime = Lifetime.FreshFor(token.ExpiresIn) };  // as long as the token says
/// return new Loaded&lt;Token&gt;(token) { Tags = ["tokens", token.Tenant] };                 // removed with all that bear one of them
/// return new Loaded&lt;Token&gt;(token) { IsKept = false };                                // for those who wait, and not kept
/// return Loaded&lt;Token&gt;.Absent;                                                       // there is no such key
/// </code></example>
[SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "Loaded<User>.Absent is how one says it.")]
public readonly record struct Loaded<TValue>
{
    private readonly LoadedKind _kind;
    private readonly bool _isNotKept;

    /// <summary>A value; <c>null</c> is one.</summary>
    public Loaded(TValue value)
    {
        Value = value;
        _kind = LoadedKind.Value;
    }

    private Loaded(LoadedKind kind) => _kind = kind;

    /// <summary>The source has no such key. The same as <c>default</c>.</summary>
    public static Loaded<TValue> Absent => default;

    /// <summary>The source says that the value it was told of in the request still holds: its life starts anew.</summary>
    public static Loaded<TValue> NotModified => new(LoadedKind.NotModified);

    /// <summary>The value, if this is one.</summary>
    public TValue? Value { get; }

    /// <summary>Whether there is a value here.</summary>
    public bool HasValue => _kind == LoadedKind.Value;

    /// <summary>How long this is kept. Default: null, as the cache's options say.</summary>
    public Lifetime? Lifetime { get; init; }

    /// <summary>What it takes of the capacity. Default: null, as the cache's weigher says.</summary>
    public long? Weight { get; init; }

    /// <summary>What names this version of the value at its source, such as an ETag; the next load is told of it. Default: null.</summary>
    public string? Tag { get; init; }

    /// <summary>The tags by which it is removed together with others. Default: none; what is not modified keeps those it has.</summary>
    public TagSet Tags { get; init; }

    /// <summary>Whether it is kept at all, or only handed to those who wait for it; what the cache had for the key then leaves. Default: true.</summary>
    public bool IsKept { get => !_isNotKept; init => _isNotKept = !value; }

    internal LoadedKind Kind => _kind;

    /// <summary>The value, as what is loaded.</summary>
    public static implicit operator Loaded<TValue>(TValue value) => new(value);

    /// <summary>The value, as what is loaded: the same as the conversion.</summary>
    public static Loaded<TValue> FromTValue(TValue value) => new(value);
}

internal enum LoadedKind : byte
{
    Absent,
    Value,
    NotModified,
}
