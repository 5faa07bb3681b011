using Larder;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddLarder(larder => larder
    .Bind(builder.Configuration.GetSection("Larder"))                       // appsettings.json has the last word
    .AddCache<string, string>("greetings", cache => cache
        .Capacity(10_000)
        .Lifetime(fresh: TimeSpan.FromMinutes(5), stale: TimeSpan.FromHours(1))
        .Load(static async (name, cancel) =>
        {
            await Task.Delay(500, cancel);                                  // a slow source
            return $"Hello, {name}.";
        })));
builder.Services.AddHealthChecks().AddLarder();

var app = builder.Build();
app.MapGet("/hello/{name}", (string name, ILoadingCache<string, string> greetings, CancellationToken cancel) => greetings.GetAsync(name, cancel));
app.MapHealthChecks("/health");
app.MapLarderMetrics("/metrics");
if (app.Environment.IsDevelopment()) app.MapLarderDashboard("/larder");     // elsewhere it asks for an authorization policy
app.Run();
