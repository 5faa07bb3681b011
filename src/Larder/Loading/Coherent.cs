using Larder.Expiry;
using Larder.Tiers;

namespace Larder.Loading;

/// <summary>Keeps a cache in step with those of other processes: hears what they change, and tells them what it changes.</summary>
/// <remarks>
/// Invariant: while <see cref="IsTrusted"/> is false, memory and the tiers that are this process's alone are empty and stay so. So nothing is served that
/// was changed elsewhere while nobody could say so, but for <see cref="CoherenceOptions.KeptWithoutLink"/>.
/// </remarks>
internal sealed class Coherent<TKey, TValue> : IInvalidationReceiver, IAsyncDisposable where TKey : notnull
{
    // How often what is read without a link is refreshed at most.
    private static readonly long _agingTicks = TimeSpan.FromSeconds(1).Ticks;

    // How soon what could not be told is told again, while there is a link.
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(1);

    private readonly Loads<TKey, TValue> _loads;
    private readonly CoherenceOptions _options;
    private readonly TierKeys<TKey> _keys;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly HashSet<TierKey> _untold = []; // Guarded by _gate. Changes that the channel would not take.
    private bool _mustTellAll; // Guarded by _gate. There were more of them than may wait.
    private readonly HashSet<string> _untoldTags = []; // Guarded by _gate.
    private readonly string _tagPrefix;
    private readonly PrefixRemoval<TKey, TValue> _prefixes;
    private volatile bool _isLinked; // Written under _gate.
    private volatile bool _isRestoring; // Written by who calls the receiver. The link is back, and what was there before is going, with what is being loaded.
    private ITimer? _patience; // Guarded by _gate. Runs while the link is lost and what was there is still served.
    private ITimer? _again; // Guarded by _gate. Runs while something could not be told though there is a link.
    private volatile bool _isTrusted;
    private volatile bool _isStale; // Only while the link is lost and what was there is still served.
    private long _heard, _told, _losses; // Interlocked.

    internal Coherent(Loads<TKey, TValue> loads, CoherenceOptions options, TierKeys<TKey> keys)
    {
        (_loads, _options, _keys, _tagPrefix, _prefixes) = (loads, options, keys, TagKeys.PrefixOf(loads.Name), new(loads));
        _isTrusted = options.KeptWithoutLink > TimeSpan.Zero;
    }

    /// <summary>Whether tiers of this process's own are believed.</summary>
    internal bool IsTrusted => _isTrusted;

    /// <summary>Whether everything is heard, and what is loaded from now on is kept.</summary>
    internal bool IsLinked => _isLinked && !_isRestoring;

    /// <summary>Whether what comes without having been looked for in the shared tiers may be kept in memory.</summary>
    internal bool KeepsUnread => _isTrusted && !_options.Channel.HearsOnlyWhatWasRead;

    /// <summary>Whether what was loaded may be kept in memory.</summary>
    /// <param name="stamps">What the shared tiers said of the key before.</param>
    internal bool Keeps(TierStamp?[]? stamps) => _isTrusted && (!_options.Channel.HearsOnlyWhatWasRead || stamps?.Any(static stamp => stamp is { } asked && asked != TierStamp.Nothing) == true);

    /// <summary>Whether what is kept counts as stale, for it may have been changed unheard.</summary>
    internal bool IsStale => _isStale;

    /// <summary>When a reader of what is written now is to think of a refresh at the latest.</summary>
    internal long NextRefresh(long planned, long now) => _isStale ? Math.Min(planned, now + _agingTicks) : planned;

    internal CoherenceStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new()
                {
                    IsLinked = IsLinked,
                    Heard = Volatile.Read(ref _heard),
                    Told = Volatile.Read(ref _told),
                    Untold = _untold.Count + _untoldTags.Count + (_mustTellAll ? 1 : 0),
                    Losses = Volatile.Read(ref _losses),
                };
            }
        }
    }

    internal async void Start()
    {
        try
        {
            await _options.Channel.ListenAsync(this, _closing.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Then there is no link, as the statistics say, and nothing is kept for longer than the options allow.
            if (!_closing.IsCancellationRequested) LinkLost();
        }
    }

    public void Invalidated(in Invalidation invalidation)
    {
        Interlocked.Increment(ref _heard);
        if (invalidation.Kind == InvalidationKind.Tag)
        {
            _ = _loads.Changes.RemoveTag(invalidation.Keys[0].ToString(), everywhere: false);
            return;
        }

        if (invalidation.Kind == InvalidationKind.Prefix && !TagKeys.MayBegin(_tagPrefix, invalidation.Keys[0]))
        {
            _prefixes.Hear(invalidation.Keys[0], _keys);
            return;
        }

        if (invalidation.Kind != InvalidationKind.Keys)
        {
            if (invalidation.Kind == InvalidationKind.Prefix) ForgetStamps(); // They begin so, some at least.
            _ = _loads.Changes.Clear(RemovalCause.Invalidated, onlyOwn: true);
            return;
        }

        foreach (var name in invalidation.Keys)
            if (TagKeys.TryRead(name, _tagPrefix, out var tag)) _ = _loads.Changes.RemoveTag(tag, everywhere: false); // Its stamp was changed.
            else if (_keys.TryRead(name, out var key)) _ = _loads.Changes.Remove(key, _loads.Core.HashOf(key), RemovalCause.Invalidated, out _, everywhere: false);
    }

    public void LinkLost()
    {
        bool drops, wasLinked;
        lock (_gate)
        {
            if (!_isLinked && _patience is not null) return;
            wasLinked = _isLinked;
            if (wasLinked) Interlocked.Increment(ref _losses);
            _isLinked = false;
            drops = _options.KeptWithoutLink == TimeSpan.Zero;
            if (!drops) _patience ??= _loads.Time.CreateTimer(static state => ((Coherent<TKey, TValue>)state!).Distrust(), this, _options.KeptWithoutLink, Timeout.InfiniteTimeSpan);
        }

        if (wasLinked) _loads.Told.LinkLost();
        ForgetStamps();
        if (drops) Distrust();
        else if (_options.StaleWithoutLink) Age();
    }

    public void LinkRestored()
    {
        lock (_gate)
        {
            if (_isLinked) return;
            _isRestoring = true;
            _isLinked = true;
            _isStale = false;
            _patience?.Dispose();
            _patience = null;
        }

        // What others changed while nobody could say so is not known.
        ForgetStamps();
        bool isFirst = Volatile.Read(ref _losses) == 0 && _options.KeptWithoutLink > TimeSpan.Zero;
        if (!isFirst) _ = _loads.Changes.Clear(RemovalCause.Invalidated, onlyOwn: true);
        _isTrusted = true;
        _isRestoring = false;
        _loads.Told.LinkRestored();
        _ = TellUntold();
    }

    /// <summary>Tells the others that a key was changed here. Never throws.</summary>
    internal async Task TellAsync(TKey key, bool isWrite)
    {
        if (isWrite && HearsWrites) return;
        try
        {
            if (_keys.TryName(key, 0, out var name)) await TellAsync(Invalidation.Of(name)).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The key's format threw: the others cannot have it under that name either.
        }
    }

    /// <summary>Tells the others that a tag was removed here, unless they hear of its stamp in the shared tier. Never throws.</summary>
    internal Task TellTagAsync(string tag) => HearsWrites ? Task.CompletedTask : TellAsync(Invalidation.OfTag(tag));

    /// <summary>Tells the others that all was removed here whose text begins with this key's. Never throws.</summary>
    internal Task TellPrefixAsync(TKey prefix) => _keys.TryName(prefix, 0, out var name) ? TellAsync(Invalidation.OfPrefix(name)) : TellClearedAsync();

    /// <summary>Tells the others that everything was cleared here. Never throws.</summary>
    internal Task TellClearedAsync() => TellAsync(Invalidation.Everything);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _patience?.Dispose();
            _again?.Dispose();
        }

        await _options.Channel.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private bool HearsWrites => _options.Channel.HearsTierWrites && _loads.Tiers?.Tiers.Any(static tier => tier.Tier.IsShared) == true;

    private void ForgetStamps()
    {
        foreach (var tier in _loads.Tiers?.Tiers ?? [])
            if (tier.Tier.IsShared) tier.Stamps!.ForgetAll();
    }

    private async Task TellAsync(Invalidation invalidation)
    {
        try
        {
            await _options.Channel.PublishAsync(invalidation, _closing.Token).ConfigureAwait(false);
            Interlocked.Increment(ref _told);
        }
        catch (Exception)
        {
            lock (_gate)
            {
                KeepLocked(invalidation);

                // Without a link, when that is back; else soon.
                if (_isLinked && !_closing.IsCancellationRequested)
                    _again ??= _loads.Time.CreateTimer(static state => ((Coherent<TKey, TValue>)state!).TellAgain(), this, _rest, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void KeepLocked(Invalidation invalidation)
    {
        if (_untold.Count + _untoldTags.Count + invalidation.Keys.Count > _options.MaxUntold) _mustTellAll = true;
        else if (invalidation.Kind == InvalidationKind.Keys) _untold.UnionWith(invalidation.Keys);
        else if (invalidation.Kind == InvalidationKind.Tag) _untoldTags.Add(invalidation.Keys[0].ToString());
        else _mustTellAll = true;
        if (!_mustTellAll) return;
        _untold.Clear();
        _untoldTags.Clear();
    }

    private void TellAgain()
    {
        lock (_gate)
        {
            _again?.Dispose();
            _again = null;
            if (!_isLinked) return;
        }

        _ = TellUntold();
    }

    private async Task TellUntold()
    {
        List<Invalidation> untold = [];
        lock (_gate)
        {
            if (_mustTellAll) untold.Add(Invalidation.Everything);
            if (_untold.Count > 0) untold.Add(Invalidation.Of([.. _untold]));
            untold.AddRange(_untoldTags.Select(Invalidation.OfTag));
            _mustTellAll = false;
            _untold.Clear();
            _untoldTags.Clear();
        }

        foreach (var invalidation in untold) await TellAsync(invalidation).ConfigureAwait(false);
    }

    // First what comes counts as stale, then what is there does.
    private void Age()
    {
        lock (_gate)
        {
            if (_isLinked) return;
            _isStale = true;
        }

        long now = _loads.Core.Now;
        foreach (var entry in _loads.Core.Shards.Entries())
        {
            ref long next = ref entry.Value.NextRefresh;
            for (long due = Volatile.Read(ref next); IsToCome(due, entry.Value.FreshUntil, now); due = Volatile.Read(ref next))
                if (Interlocked.CompareExchange(ref next, entry.Value.NextRefreshAt(now), due) == due) break;
        }
    }

    private static bool IsToCome(long due, long freshUntil, long now) =>
        Kept<TValue>.InstantOf(due) is var instant && instant > now && (instant != TimedNode.Never || freshUntil == TimedNode.Never);

    // First nothing more is kept, then what is there goes: what is being stored in between goes too.
    private void Distrust()
    {
        lock (_gate)
        {
            if (_isLinked) return;
            _isTrusted = false;
        }

        _ = _loads.Changes.Clear(RemovalCause.Invalidated, onlyOwn: true);
    }
}
