using System.Buffers;
using System.Security.Cryptography;

namespace Larder.TestKit;

/// <summary>The example of docs/concepts/tiers.md: AES-GCM, bound to the key. A nonce, a tag, and what is encrypted.</summary>
public sealed class Encryption(byte[] secret) : IPayloadTransform
{
    private const int Nonce = 12, Tag = 16;

    public void Apply(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> key, IBufferWriter<byte> target)
    {
        using var aes = new AesGcm(secret, Tag);
        int length = Nonce + Tag + payload.Length;
        var stored = target.GetSpan(length)[..length];
        RandomNumberGenerator.Fill(stored[..Nonce]);
        aes.Encrypt(stored[..Nonce], payload, stored[(Nonce + Tag)..], stored.Slice(Nonce, Tag), key);
        target.Advance(length);
    }

    public void Undo(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> key, IBufferWriter<byte> target)
    {
        if (stored.Length < Nonce + Tag) throw new CryptographicException("This is too short to have been encrypted here.");
        using var aes = new AesGcm(secret, Tag);
        int length = stored.Length - Nonce - Tag;
        aes.Decrypt(stored[..Nonce], stored[(Nonce + Tag)..], stored.Slice(Nonce, Tag), target.GetSpan(length)[..length], key);
        target.Advance(length);
    }
}
