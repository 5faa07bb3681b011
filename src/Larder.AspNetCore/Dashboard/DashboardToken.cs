using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Larder.AspNetCore.Dashboard;

/// <summary>
/// Tells wishes of the page from those that another site makes a visitor's browser send: the page is told a token that fits a cookie of its own
/// and the visitor's name, and puts it into a header, which no other site can.
/// </summary>
/// <remarks>The secret is this process's own. So are the figures and the caches that the page shows.</remarks>
internal sealed class DashboardToken(string path)
{
    internal const string Header = "X-Larder-Token";
    private const string Cookie = "larder-dashboard";
    private const int NonceBytes = 16;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>The visitor's token; sets the cookie if there is none yet.</summary>
    internal string Give(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { Length: > NonceBytes and < 100 } nonce)
        {
            nonce = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(NonceBytes));
            context.Response.Cookies.Append(Cookie, nonce, new()
            {
                HttpOnly = true,
                IsEssential = true,
                SameSite = SameSiteMode.Strict,
                Secure = context.Request.IsHttps,
                Path = context.Request.PathBase + path,
            });
        }

        return Of(nonce, context);
    }

    /// <summary>Whether the request bears the token that its visitor was given.</summary>
    internal bool Fits(HttpContext context) =>
        context.Request.Cookies[Cookie] is { } nonce
        && context.Request.Headers[Header].ToString() is { Length: > 0 } token
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(Of(nonce, context)));

    private string Of(string nonce, HttpContext context) =>
        WebEncoders.Base64UrlEncode(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes($"{nonce}\n{context.User.Identity?.Name}")));
}
