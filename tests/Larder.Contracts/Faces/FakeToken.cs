using Microsoft.Extensions.Primitives;

namespace Larder.Contracts.Faces;

/// <summary>A change token that changes when a test says so, and tells what was done to it.</summary>
public sealed class FakeToken(bool isActive) : IChangeToken
{
    private readonly List<Registration> _registrations = [];

    public bool HasChanged { get; set; }

    public bool ActiveChangeCallbacks => isActive;

    /// <summary>How many callbacks are registered and not let go.</summary>
    public int Listeners => _registrations.Count;

    public IDisposable RegisterChangeCallback(Action<object?> callback, object? state)
    {
        var registration = new Registration(this, callback, state);
        _registrations.Add(registration);
        return registration;
    }

    public void Fire()
    {
        HasChanged = true;
        foreach (var registration in _registrations.ToArray()) registration.Callback(registration.State);
    }

    private sealed class Registration(FakeToken token, Action<object?> callback, object? state) : IDisposable
    {
        public Action<object?> Callback => callback;

        public object? State => state;

        public void Dispose() => token._registrations.Remove(this);
    }
}
