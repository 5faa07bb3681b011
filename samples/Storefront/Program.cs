using System.Globalization;
using System.Runtime.CompilerServices;
using Larder;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.FileProviders;
using Storefront;

// dotnet run --project samples/Storefront [--urls http://localhost:5080] [--failures 0.05] [--data artifacts/storefront] [--shared FOLDER] [--redis localhost:6379]
// In Development unless told otherwise, for the dashboard: elsewhere it wants a policy, and the shop has no logins.
var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
{
    Args = args,
    EnvironmentName = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environments.Development,
});
if (string.IsNullOrEmpty(builder.Configuration["urls"])) builder.WebHost.UseUrls("http://localhost:5080");
builder.Logging.SetMinimumLevel(LogLevel.Warning);

double failures = double.Parse(builder.Configuration["failures"] ?? "0", CultureInfo.InvariantCulture);
string folder = builder.Configuration["data"] ?? Path.Combine("artifacts", "storefront");
string shared = builder.Configuration["shared"] ?? folder;
builder.Services
    .AddSingleton<CacheDirectory>()
    .AddSingleton(TimeProvider.System)
    .AddSingleton(services => new Catalogue(services.GetRequiredService<TimeProvider>(), failures, new(shared), new(shared)))
    .AddSingleton(services => Shop.OpenAsync(
        services.GetRequiredService<Catalogue>(), folder, builder.Configuration["redis"], services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<Shop>>()).GetAwaiter().GetResult())
    .AddSingleton<Visitors>()
    .AddHostedService(static services => services.GetRequiredService<Visitors>())
    .AddHostedService<Deliveries>();

var app = builder.Build();
var shop = app.Services.GetRequiredService<Shop>(); // What the disk has comes back before anybody asks.
foreach (var view in shop.Views) app.Services.GetRequiredService<CacheDirectory>().Add(view);
app.Use(static async (context, next) =>
{
    context.Response.Headers.ContentSecurityPolicy = "default-src 'self'";
    await next(context);
});
var page = new EmbeddedFileProvider(typeof(Shop).Assembly, "Storefront.wwwroot");
app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = page });
app.UseStaticFiles(new StaticFileOptions { FileProvider = page });

var reads = app.MapGroup("/api").AddEndpointFilter(static async (context, next) =>
{
    try
    {
        return await next(context);
    }
    catch (Exception error) when (error is SourceFailedException or CircuitOpenException)
    {
        return TypedResults.Problem(error.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
});
reads.MapGet("/categories", static (Shop shop) => shop.Categories);
reads.MapGet("/categories/{name}", static async (string name, int? page, Shop shop) =>
    await shop.Products.ReadManyAsync(shop.Catalogue.IdsOn(name, Math.Clamp(page ?? 0, 0, 1_000), Shop.PageSize)));
reads.MapGet("/search", static async (string words, Shop shop) =>
    words.Trim().ToLowerInvariant() is { Length: > 0 and <= 60 } asked ? await shop.Searches.ReadAsync(asked) : new([], "cache", 0));
reads.MapGet("/products/{id}", static async Task<Results<Ok<Answer<Product>>, NotFound<Answer<Product>>>> (string id, Shop shop) =>
{
    var answer = await shop.ReadAsync(id);
    return answer.Value is null ? TypedResults.NotFound(answer) : TypedResults.Ok(answer);
});

reads.MapPost("/products/{id}/price", static async Task<Results<NoContent, NotFound, BadRequest<string>>> (string id, Change change, Shop shop) =>
    change.Value is <= 0 or > 10_000 ? TypedResults.BadRequest("A price is above 0 and at most 10,000.")
    : await shop.TryPriceAsync(id, change.Value) ? TypedResults.NoContent()
    : TypedResults.NotFound());

app.MapGet("/api/orders", static (Shop shop) => shop.Till.Newest(8));
reads.MapPost("/products/{id}/order", static async Task<Results<Ok<Order>, NotFound, Conflict>> (string id, Shop shop) =>
    (await shop.ReadAsync(id)).Value is not { } product ? TypedResults.NotFound()
    : await shop.TryOrderAsync(product) is { } order ? TypedResults.Ok(order)
    : TypedResults.Conflict());
app.MapPost("/api/clear", static (Shop shop) => shop.ClearAsync());
app.MapPost("/api/capacity", static Results<NoContent, BadRequest<string>> (Change change, Shop shop) =>
{
    if (change.Value is < 1 or > 100_000) return TypedResults.BadRequest("A capacity is from 1 to 100,000.");
    shop.Products.Cache.Capacity = (long)change.Value;
    return TypedResults.NoContent();
});
app.MapPost("/api/visitors", static Results<NoContent, BadRequest<string>> (Change change, Visitors visitors) =>
{
    if (change.Value is < 0 or > Visitors.Most) return TypedResults.BadRequest($"Visitors a second are from 0 to {Visitors.Most}.");
    visitors.PerSecond = (int)change.Value;
    return TypedResults.NoContent();
});
app.MapPost("/api/database", static (Change change, Shop shop) => shop.Catalogue.IsDown = change.Value == 0);
app.MapLarderMetrics();
if (app.Environment.IsDevelopment()) app.MapLarderDashboard("/larder", new() { ShowsValues = true }); // Elsewhere it would need a policy.
app.MapGet("/stats", (Shop shop, Visitors visitors, IHostApplicationLifetime lifetime, CancellationToken gone) =>
    TypedResults.ServerSentEvents(Measure(shop, visitors, lifetime.ApplicationStopping, gone)));

app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"The shop is open at {string.Join(", ", app.Urls)}, its dashboard at {app.Urls.First()}/larder. Ctrl+C closes it."));
app.Run();

// Ends when the visitor leaves or the shop closes, whichever is first.
static async IAsyncEnumerable<Figures> Measure(Shop shop, Visitors visitors, CancellationToken closing, [EnumeratorCancellation] CancellationToken gone)
{
    while (!closing.IsCancellationRequested && !gone.IsCancellationRequested)
    {
        yield return shop.Measure(visitors.PerSecond);
        await Task.Delay(TimeSpan.FromMilliseconds(500), gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

internal sealed record Change(decimal Value);
