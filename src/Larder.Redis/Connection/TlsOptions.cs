using System.Net.Security;

namespace Larder.Redis.Connection;

/// <summary>How a link to one of several servers is encrypted.</summary>
internal static class TlsOptions
{
    /// <summary>The options, with the server's own name where they name none: its certificate must be for that.</summary>
    internal static SslClientAuthenticationOptions For(SslClientAuthenticationOptions options, string host) => options.TargetHost is not null ? options : new()
    {
        TargetHost = host,
        AllowRenegotiation = options.AllowRenegotiation,
        AllowTlsResume = options.AllowTlsResume,
        ApplicationProtocols = options.ApplicationProtocols,
        CertificateChainPolicy = options.CertificateChainPolicy,
        CertificateRevocationCheckMode = options.CertificateRevocationCheckMode,
        CipherSuitesPolicy = options.CipherSuitesPolicy,
        ClientCertificateContext = options.ClientCertificateContext,
        ClientCertificates = options.ClientCertificates,
        EnabledSslProtocols = options.EnabledSslProtocols,
        EncryptionPolicy = options.EncryptionPolicy,
        LocalCertificateSelectionCallback = options.LocalCertificateSelectionCallback,
        RemoteCertificateValidationCallback = options.RemoteCertificateValidationCallback,
    };
}
