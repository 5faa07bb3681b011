using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Larder.AspNetCore.Tests.Http;

/// <summary>Plays the dialogues of <see cref="RfcCases"/> between a client with a cache and a real server.</summary>
/// <remarks>
/// <c>GET [X: 1|Y: 2] -> 1 of 2 age 5 says …</c>: with these headers, the answer is the one that the server gave to the first request (or has that status, if it is a number of three
/// digits), the server has been asked twice by now (<c>*</c>: however often), and it has this <c>Age</c> and this <c>Cache-Status</c>. <c>+60</c>: a minute goes by.
/// <c>~2</c>: what is under way behind the client's back ends, with the server's second answer.
/// </remarks>
public sealed partial class RfcTests(Origin origin) : IClassFixture<Origin>
{
    public static TheoryData<string> Names => [.. All.Select(static one => one.ToString())];

    private static RfcCases.Case[] All =>
        [.. RfcCases.Storing, .. RfcCases.Variants, .. RfcCases.Freshness, .. RfcCases.Requests, .. RfcCases.Validation, .. RfcCases.Staleness, .. RfcCases.Changes, .. RfcCases.Statuses];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_is_as_the_RFC_says(string name)
    {
        var one = All.Single(one => one.ToString() == name);
        using var client = new Client(new() { Name = "table", AddsCacheStatus = true });
        var (uri, asked) = origin.Serve(client.Clock, one.Answers);
        for (int i = 0; i < one.Steps.Length; i++)
        {
            string step = one.Steps[i];
            if (step[0] == '+') client.Clock.Advance(TimeSpan.FromSeconds(int.Parse(step, CultureInfo.InvariantCulture)));
            else if (step[0] == '~') await Client.Until(() => asked.Times == int.Parse(step[1..], CultureInfo.InvariantCulture) && client.View.LoadsInFlight == 0);
            else await PlayAsync(client, uri, asked, step, $"{i + 1}. {step}");
        }
    }

    private static async Task PlayAsync(Client client, Uri uri, Origin.Counted asked, string step, string where)
    {
        var parts = Step().Match(step);
        Assert.True(parts.Success, $"No step: {where}");
        string[] headers = parts.Groups["headers"].Value is { Length: > 0 } given ? Origin.Dated(given, client.Clock).Split('|') : [];
        var answer = await client.AskAsync(new(parts.Groups["method"].Value), uri, headers);
        int number = int.Parse(parts.Groups["number"].Value, CultureInfo.InvariantCulture);
        string seen = $"{(number >= 100 ? (int)answer.Status : answer.Body)} of {(parts.Groups["times"].Value == "*" ? "*" : asked.Times)}";
        Assert.True(seen == $"{number} of {parts.Groups["times"].Value}", $"{where}\nwas {seen}, {(int)answer.Status} '{answer.Body}', {answer.Said}");
        if (number < 100) Assert.Equal(HttpStatusCode.OK, answer.Status);
        if (parts.Groups["age"] is { Success: true, Value: var age }) Assert.Equal((where, age), (where, answer.Age?.TotalSeconds.ToString(CultureInfo.InvariantCulture) ?? "none"));
        if (parts.Groups["says"] is { Success: true, Value: var says }) Assert.Equal((where, says), (where, answer.Said));
    }

    [GeneratedRegex(@"^(?<method>[A-Z]+)( \[(?<headers>[^\]]*)\])? -> (?<number>\d+) of (?<times>\d+|\*)( age (?<age>\d+|none))?( says (?<says>.+))?$")]
    private static partial Regex Step();
}
