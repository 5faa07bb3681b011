using System.Runtime.InteropServices;

namespace Larder.Memory;

/// <summary>The work under way for the keys of one shard. Guarded by the shard's lock.</summary>
/// <remarks>Invariant: a claim is in here exactly until it is superseded, fulfilled or released; longer, but shared with nobody, if the comparer throws then.</remarks>
internal sealed class Claims<TKey>(IEqualityComparer<TKey> comparer) where TKey : notnull
{
    private readonly Dictionary<TKey, Claim> _byKey = new(comparer);

    /// <summary>How many keys are claimed.</summary>
    internal int Count => _byKey.Count;

    /// <summary>The claim on the key that will do, or a new one.</summary>
    internal Claim Enlist<TMaker>(TKey key, in TMaker maker, out bool isNew) where TMaker : IClaimMaker
    {
        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_byKey, key, out _);
        for (var claim = first; claim is not null; claim = claim.Next)
        {
            // A superseded one is left only where the comparer threw when it was to go.
            if (claim.IsSuperseded || !maker.MayShare(claim)) continue;
            isNew = false;
            return claim;
        }

        var made = maker.Make();
        made.Next = first;
        first = made;
        isNew = true;
        return made;
    }

    /// <summary>The key was written or removed by somebody who has nothing to do with the claims on it.</summary>
    internal void Supersede(TKey key)
    {
        if (_byKey.Count == 0 || !_byKey.Remove(key, out var claim)) return;
        for (; claim is not null; claim = claim.Next) claim.IsSuperseded = true;
    }

    internal void SupersedeAll()
    {
        foreach (var first in _byKey.Values)
            for (var claim = first; claim is not null; claim = claim.Next) claim.IsSuperseded = true;
        _byKey.Clear();
    }

    /// <summary>The claim's result is being stored, which supersedes every other claim on the key, unless it yields to them.</summary>
    internal void Fulfil(TKey key, Claim claim)
    {
        if (claim.Yields)
        {
            Release(key, claim);
            return;
        }

        Supersede(key);
        claim.IsSuperseded = true;
    }

    /// <summary>The claim ends without a result: from now on it can store none.</summary>
    internal void Release(TKey key, Claim claim)
    {
        if (claim.IsSuperseded) return;
        claim.IsSuperseded = true;
        if (!_byKey.TryGetValue(key, out var at)) return;
        if (at == claim)
        {
            if (claim.Next is null) _byKey.Remove(key);
            else _byKey[key] = claim.Next;
            return;
        }

        while (at.Next != claim)
        {
            if (at.Next is null) return;
            at = at.Next;
        }

        at.Next = claim.Next;
    }

    /// <summary>What is claimed.</summary>
    internal TKey[] Keys() => [.. _byKey.Keys];

    /// <summary>All claims, for whoever is to end them.</summary>
    internal List<Claim> ToList()
    {
        List<Claim> all = [];
        foreach (var first in _byKey.Values)
            for (var claim = first; claim is not null; claim = claim.Next) all.Add(claim);
        return all;
    }
}
