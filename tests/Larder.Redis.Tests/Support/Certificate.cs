using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Larder.Redis.Tests.Support;

/// <summary>What a server needs to speak TLS, and what a client needs to trust it; gone when disposed.</summary>
internal sealed class Certificate : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("larder-tls-").FullName;
    private readonly X509Certificate2 _certificate;

    public Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2090, 1, 1, 0, 0, 0, TimeSpan.Zero));
        string certificate = Path.Combine(_folder, "cert.pem"), secret = Path.Combine(_folder, "key.pem");
        File.WriteAllText(certificate, _certificate.ExportCertificatePem());
        File.WriteAllText(secret, key.ExportPkcs8PrivateKeyPem());
        Arguments = ["--tls-cert-file", certificate, "--tls-key-file", secret, "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no"];
    }

    /// <summary>What a server is told, beside its port.</summary>
    public string[] Arguments { get; }

    /// <summary>Trusts this certificate and no other.</summary>
    public SslClientAuthenticationOptions Trust() => new() { RemoteCertificateValidationCallback = (_, remote, _, _) => remote?.GetCertHashString() == _certificate.GetCertHashString() };

    public void Dispose()
    {
        _certificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
