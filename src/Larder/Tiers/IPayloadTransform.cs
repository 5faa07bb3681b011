using System.Buffers;

namespace Larder;

/// <summary>Changes payloads before they leave the process, and back when they return: encrypts them, say. After packing, for what is encrypted does not pack.</summary>
/// <remarks>
/// For values in tiers, in a write-behind journal and among dead letters; keys, times and the news that there is no value stay as they are. Members may be
/// called from many threads at once.
/// </remarks>
/// <example><code>
/// Payloads = new() { Serializer = PayloadSerializer.Json(ShopJson.Default.User), Transform = new Encryption(secret) }
/// </code></example>
public interface IPayloadTransform
{
    /// <summary>Writes what is to be stored in the payload's place.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="key">Under which key it is stored, as bytes: what binds the two together keeps them from being swapped.</param>
    /// <param name="target">Where to.</param>
    void Apply(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> key, IBufferWriter<byte> target);

    /// <summary>Writes the payload from what is stored. What it throws makes the entry a miss, counted.</summary>
    /// <param name="stored">What <see cref="Apply"/> wrote, or what somebody else has made of it.</param>
    /// <param name="key">Under which key it was.</param>
    /// <param name="target">Where to.</param>
    void Undo(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> key, IBufferWriter<byte> target);
}
