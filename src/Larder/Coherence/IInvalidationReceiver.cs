namespace Larder;

/// <summary>Who is told of what other processes changed.</summary>
public interface IInvalidationReceiver
{
    /// <summary>Another process has changed this.</summary>
    void Invalidated(in Invalidation invalidation);

    /// <summary>From now on something may go unheard. Told again, it changes nothing.</summary>
    void LinkLost();

    /// <summary>From now on everything is heard; what happened while the link was lost was not. Told without a loss before, it changes nothing.</summary>
    void LinkRestored();
}
