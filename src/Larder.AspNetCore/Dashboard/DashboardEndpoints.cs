using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Larder.AspNetCore.Dashboard;

/// <summary>The dashboard's routes: the page, its files, its feed, and what one may have done.</summary>
internal static class DashboardEndpoints
{
    internal static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, string pattern, CacheDirectory caches, DashboardOptions options)
    {
        var services = endpoints.ServiceProvider;
        var lifetime = services.GetService<IHostApplicationLifetime>();
        var environment = services.GetService<IHostEnvironment>();
        var token = new DashboardToken("/" + pattern.Trim('/'));
        var feed = new DashboardFeed(caches, options, services.GetService<TimeProvider>() ?? TimeProvider.System);
        var actions = new DashboardActions(caches, options, token, services.GetService<ILoggerFactory>());
        var group = endpoints.MapGroup(pattern);

        group.MapGet("/", (RequestDelegate)SendPageAsync);
        foreach (string name in DashboardPage.Names.Where(static name => name != "index.html"))
            group.MapGet(name, (RequestDelegate)(context => DashboardPage.SendAsync(context, name)));
        group.MapGet("feed", (RequestDelegate)FollowAsync);
        foreach (string action in DashboardActions.Names)
            group.MapPost(action, (RequestDelegate)(context => actions.RunAsync(context, action)));

        ((IEndpointConventionBuilder)group).Finally(endpoint => RefuseUnprotected(endpoint, pattern, services, environment));
        lifetime?.ApplicationStarted.Register(() => FailEarly(endpoints, lifetime));
        return group;

        Task FollowAsync(HttpContext context)
        {
            DashboardPage.Protect(context.Response.Headers);
            var greeting = new Greeting(environment?.ApplicationName ?? "", $"{Environment.MachineName}:{Environment.ProcessId}", token.Give(context), options.ShowsValues, options.Interval.TotalSeconds);
            return TypedResults.ServerSentEvents(feed.Follow(greeting, lifetime?.ApplicationStopping ?? default, context.RequestAborted)).ExecuteAsync(context);
        }
    }

    // Its files are found beside it, so its address must end in a slash.
    private static Task SendPageAsync(HttpContext context)
    {
        if (context.Request.Path.Value is { } path && !path.EndsWith('/'))
        {
            context.Response.Redirect(context.Request.PathBase + path + "/");
            return Task.CompletedTask;
        }

        return DashboardPage.SendAsync(context, "index.html");
    }

    private static void RefuseUnprotected(EndpointBuilder endpoint, string pattern, IServiceProvider services, IHostEnvironment? environment)
    {
        if (environment is not null && environment.IsDevelopment()) return;
        bool isOpen = endpoint.Metadata.Any(static data => data is IAllowAnonymous);
        bool isProtected = endpoint.Metadata.Any(static data => data is IAuthorizeData or AuthorizationPolicy or IAuthorizationRequirementData)
            || services.GetService<IOptions<AuthorizationOptions>>()?.Value.FallbackPolicy is not null;
        if (isOpen || !isProtected)
        {
            throw new InvalidOperationException(
                $"The dashboard at '{pattern}' shows and changes what caches hold, and anybody could open it: outside Development it must be protected. Call app.MapLarderDashboard(\"{pattern}\").RequireAuthorization(…) with a policy of yours.");
        }
    }

    // Endpoints are built with the first request. That is too late to learn that one of them refuses to be.
    private static void FailEarly(IEndpointRouteBuilder endpoints, IHostApplicationLifetime lifetime)
    {
        try
        {
            foreach (var source in endpoints.DataSources) _ = source.Endpoints;
        }
        catch (InvalidOperationException)
        {
            lifetime.StopApplication();
            throw; // The host logs it.
        }
    }
}
