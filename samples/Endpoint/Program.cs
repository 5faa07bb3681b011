using Larder;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddLarder(larder => larder
    .AddCache<string, string>("greetings", cache => cache
        .Capacity(10_000)
        .Lifetime(fresh: TimeSpan.FromMinutes(5), stale: TimeSpan.FromHours(1))
        .Load(static async (name, cancel) => { await Task.Delay(500, cancel); return $"Hello, {name}."; })));
var app = builder.Build();
app.MapGet("/{name}", (string name, ILoadingCache<string, string> greetings, CancellationToken cancel) => greetings.GetAsync(name, cancel));
app.Run();
