namespace Larder.AspNetCore.Tests.Http;

/// <summary>What the RFCs say of a private cache, as dialogues: see <see cref="RfcTests"/> for how they read.</summary>
internal static class RfcCases
{
    internal static readonly Case[] Storing =
    [
        new("9111 §3", "what is fresh is kept", ["Cache-Control: max-age=60"], "GET -> 1 of 1 age none", "GET -> 1 of 1 age 0", "+59", "GET -> 1 of 1 age 59", "+1", "GET -> 2 of 2"),
        new("9111 §3", "private is for this cache", ["Cache-Control: private, max-age=60"], "GET -> 1 of 1", "GET -> 1 of 1"),
        new("9111 §3", "a status known to be kept by default is kept with its errors", ["404|Cache-Control: max-age=60"], "GET -> 404 of 1", "GET -> 404 of 1"),
        new("9111 §3", "any final status is kept if its freshness is said", ["299|Cache-Control: max-age=60"], "GET -> 299 of 1", "GET -> 299 of 1"),
        new("9111 §3", "a status not kept by default is not kept without", ["302|Location: /|ETag: \"a\""], "GET -> 302 of 1", "GET -> 302 of 2"),
        new("9111 §3", "a status not kept by default is kept with", ["302|Location: /|Cache-Control: max-age=60"], "GET -> 302 of 1", "GET -> 302 of 1"),
        new("9111 §3", "what could never be reused is not kept", [""], "GET -> 1 of 1", "GET -> 2 of 2"),
        new("9111 §3.3", "a request for a part passes by", ["Cache-Control: max-age=60"], "GET [Range: bytes=0-0] -> 1 of 1", "GET -> 2 of 2", "GET [Range: bytes=0-0] -> 3 of 3", "GET -> 2 of 3"),
        new("9111 §3.3", "a part is not kept", ["206|Cache-Control: max-age=60|Content-Range: bytes 0-0/9"], "GET -> 206 of 1", "GET -> 206 of 2"),
        new("9111 §3.5", "what is authorized is kept for whom it is", ["Cache-Control: max-age=60"],
            "GET [Authorization: Bearer a] -> 1 of 1", "GET [Authorization: Bearer a] -> 1 of 1", "GET [Authorization: Bearer b] -> 2 of 2", "GET -> 3 of 3", "GET [Authorization: Bearer a] -> 1 of 3"),
        new("9111 §5.2.1.5", "a request that is not to be kept passes by", ["Cache-Control: max-age=60"], "GET [Cache-Control: no-store] -> 1 of 1", "GET -> 2 of 2", "GET [Cache-Control: no-store] -> 3 of 3", "GET -> 2 of 3"),
        new("9111 §5.2.2.3", "must-understand overrules no-store for a status that is understood", ["Cache-Control: must-understand, no-store, max-age=60"], "GET -> 1 of 1", "GET -> 1 of 1"),
        new("9111 §5.2.2.3", "must-understand forbids a status that is not", ["299|Cache-Control: must-understand, max-age=60"], "GET -> 299 of 1", "GET -> 299 of 2"),
        new("9111 §5.2.2.5", "no-store is not kept", ["Cache-Control: no-store, max-age=60"], "GET -> 1 of 1", "GET -> 2 of 2"),
    ];

    internal static readonly Case[] Variants =
    [
        new("9111 §4.1", "responses are chosen by the fields they vary by", ["Cache-Control: max-age=60|Vary: Accept-Language"],
            "GET [Accept-Language: de] -> 1 of 1", "GET [Accept-Language: en] -> 2 of 2", "GET [Accept-Language: de] -> 1 of 2 age 0", "GET [Accept-Language: en] -> 2 of 2", "GET -> 3 of 3", "GET -> 3 of 3"),
        new("9111 §4.1", "space, and case where it means nothing, are no difference", ["Cache-Control: max-age=60|Vary: ACCEPT-Encoding , Accept-Language"],
            "GET [Accept-Language: de,  en|Accept-Encoding: gzip] -> 1 of 1", "GET [Accept-Language: DE,en|accept-encoding: GZip] -> 1 of 1", "GET [Accept-Language: en, de|Accept-Encoding: gzip] -> 2 of 2"),
        new("9111 §4.1", "case is a difference elsewhere", ["Cache-Control: max-age=60|Vary: X"], "GET [X: a] -> 1 of 1", "GET [X: A] -> 2 of 2", "GET [X: a] -> 1 of 2"),
        new("9111 §4.1", "an empty field is another than none", ["Cache-Control: max-age=60|Vary: X"], "GET -> 1 of 1", "GET [X: ] -> 2 of 2", "GET -> 1 of 2"),
        new("9111 §4.1", "what varies by everything is never reused", ["Cache-Control: max-age=60|Vary: X, *"], "GET -> 1 of 1", "GET -> 2 of 2"),
        new("9111 §4.1", "each variant is validated by itself", ["Cache-Control: max-age=10|Vary: X|ETag: \"a\"", "Cache-Control: max-age=100|Vary: X|ETag: \"b\"", "Cache-Control: max-age=10|Vary: X|ETag: \"a\""],
            "GET [X: 1] -> 1 of 1", "GET [X: 2] -> 2 of 2", "+20", "GET [X: 1] -> 1 of 3", "GET [X: 2] -> 2 of 3 age 20"),
        new("9111 §4.1", "a resource that varies by more than it did is learnt anew", ["Cache-Control: max-age=60|Vary: X", "Cache-Control: max-age=60|Vary: X, Y"],
            "GET [X: 1|Y: 1] -> 1 of 1", "GET [X: 2|Y: 1] -> 2 of 2", "GET [X: 2|Y: 1] -> 3 of 3", "GET [X: 2|Y: 1] -> 3 of 3", "GET [X: 2|Y: 2] -> 4 of 4"),
    ];

    internal static readonly Case[] Freshness =
    [
        new("9111 §4.2.1", "Expires counts from Date", ["Expires: {60}"], "GET -> 1 of 1", "+59", "GET -> 1 of 1", "+1", "GET -> 2 of 2"),
        new("9111 §4.2.1", "max-age goes before Expires", ["Cache-Control: max-age=10|Expires: {60}|ETag: \"a\""], "GET -> 1 of 1", "+10", "GET -> 1 of 2"),
        new("9111 §4.2.1", "the first of several counts", ["Cache-Control: max-age=10, max-age=60|Cache-Control: max-age=90|ETag: \"a\""], "GET -> 1 of 1", "+9", "GET -> 1 of 1", "+1", "GET -> 1 of 2"),
        new("9111 §4.2.1", "a freshness that is none is over", ["Cache-Control: max-age=1h|ETag: \"a\"|Expires: {60}"], "GET -> 1 of 1", "GET -> 1 of 2"),
        new("9111 §4.2.1", "a negative one too", ["Cache-Control: max-age=-1|ETag: \"a\""], "GET -> 1 of 1", "GET -> 1 of 2"),
        new("9111 §5.2", "a number may be quoted", ["Cache-Control: max-age=\"60\""], "GET -> 1 of 1", "+59", "GET -> 1 of 1"),
        new("9111 §5.2", "directives are found among others", ["Cache-Control: ,, foo=\"a, max-age=1\", MAX-AGE=60,bar,|ETag: \"a\""], "GET -> 1 of 1", "+59", "GET -> 1 of 1"),
        new("9111 §1.2.2", "more seconds than can be counted are very many", ["Cache-Control: max-age=99999999999999999999"], "GET -> 1 of 1", "+100000", "GET -> 1 of 1"),
        new("9111 §5.2.2.10", "s-maxage is for shared caches", ["Cache-Control: s-maxage=600, max-age=10|ETag: \"a\""], "GET -> 1 of 1", "+10", "GET -> 1 of 2"),
        new("9111 §5.3", "an Expires that is no date is over", ["Expires: 0|ETag: \"a\""], "GET -> 1 of 1", "GET -> 1 of 2"),
        new("9111 §4.2.2", "a tenth of the time since the last modification", ["Last-Modified: {-1000}"], "GET -> 1 of 1", "+99", "GET -> 1 of 1", "+1", "GET -> 2 of 2"),
        new("9111 §4.2.2", "a day at most", ["Last-Modified: {-99999999}"], "GET -> 1 of 1", "+86399", "GET -> 1 of 1", "+1", "GET -> 2 of 2"),
        new("9111 §4.2.2", "not where a freshness is said", ["Cache-Control: max-age=0|Last-Modified: {-1000}"], "GET -> 1 of 1", "+1", "GET -> 2 of 2"),
        new("9111 §4.2.3", "the age it came with counts", ["Cache-Control: max-age=60|Age: 30"], "GET -> 1 of 1", "+29", "GET -> 1 of 1 age 59", "+1", "GET -> 2 of 2"),
        new("9111 §4.2.3", "its date counts, if that is older", ["Cache-Control: max-age=60|Age: 10|Date: {-40}"], "GET -> 1 of 1", "+19", "GET -> 1 of 1 age 59", "+1", "GET -> 2 of 2"),
        new("9111 §4.2.3", "a date ahead of ours makes nothing younger", ["Cache-Control: max-age=60|Date: {40}"], "GET -> 1 of 1", "+59", "GET -> 1 of 1 age 59", "+1", "GET -> 2 of 2"),
        new("9111 §5.1", "an age that is none does not count", ["Cache-Control: max-age=60|Age: -5x"], "GET -> 1 of 1", "+59", "GET -> 1 of 1 age 59"),
    ];

    internal static readonly Case[] Requests =
    [
        new("9111 §5.2.1.1", "max-age in a request", ["Cache-Control: max-age=60"], "GET -> 1 of 1", "+30", "GET [Cache-Control: max-age=30] -> 1 of 1", "GET [Cache-Control: max-age=29] -> 2 of 2", "GET -> 2 of 2"),
        new("9111 §5.2.1.2", "max-stale lets stale responses through, so far", ["Cache-Control: max-age=60"], "GET -> 1 of 1", "+70", "GET [Cache-Control: max-stale=10] -> 1 of 1 age 70", "GET [Cache-Control: max-stale=9] -> 2 of 2"),
        new("9111 §5.2.1.2", "max-stale without a number, any", ["Cache-Control: max-age=60"], "GET -> 1 of 1", "+7000", "GET [Cache-Control: max-stale] -> 1 of 1"),
        new("9111 §5.2.1.3", "min-fresh", ["Cache-Control: max-age=60"], "GET -> 1 of 1", "+30", "GET [Cache-Control: min-fresh=30] -> 1 of 1", "GET [Cache-Control: min-fresh=31] -> 2 of 2"),
        new("9111 §5.2.1.4", "no-cache in a request", ["Cache-Control: max-age=60|ETag: \"a\""], "GET -> 1 of 1", "GET [Cache-Control: no-cache] -> 1 of 2", "GET -> 1 of 2"),
        new("9111 §5.2.1.7", "only-if-cached", ["Cache-Control: max-age=60"],
            "GET [Cache-Control: only-if-cached] -> 504 of 0", "GET -> 1 of 1", "GET [Cache-Control: only-if-cached] -> 1 of 1", "+60", "GET [Cache-Control: only-if-cached] -> 504 of 1", "GET [Cache-Control: only-if-cached, max-stale] -> 1 of 1"),
        new("9111 §5.4", "Pragma, for want of Cache-Control", ["Cache-Control: max-age=60"], "GET -> 1 of 1", "GET [Pragma: no-cache] -> 2 of 2", "GET [Pragma: no-cache|Cache-Control: max-age=60] -> 2 of 2"),
        new("8246 §2", "what is immutable is not validated for a reload", ["Cache-Control: max-age=60, immutable"],
            "GET -> 1 of 1", "+10", "GET [Cache-Control: max-age=0] -> 1 of 1", "GET [Cache-Control: no-cache] -> 2 of 2", "+60", "GET [Cache-Control: max-age=0] -> 3 of 3"),
    ];

    internal static readonly Case[] Validation =
    [
        new("9111 §4.3.1", "by entity tag", ["Cache-Control: max-age=10|ETag: \"a\""], "GET -> 1 of 1", "+10", "GET -> 1 of 2 age none", "+9", "GET -> 1 of 2 age 9", "+1", "GET -> 1 of 3"),
        new("9111 §4.3.1", "by a weak one", ["Cache-Control: max-age=10|ETag: W/\"a\""], "GET -> 1 of 1", "+10", "GET -> 1 of 2"),
        new("9111 §4.3.1", "by the last modification", ["Cache-Control: max-age=10|Last-Modified: Thu, 01 Jan 2015 00:00:00 GMT"], "GET -> 1 of 1", "+10", "GET -> 1 of 2"),
        new("9111 §4.3.2", "the client's own conditions", ["Cache-Control: max-age=60|ETag: \"a\""], "GET -> 1 of 1", "GET [If-None-Match: \"a\"] -> 304 of 1 age 0", "GET [If-None-Match: \"x,y\", W/\"a\"] -> 304 of 1",
            "GET [If-None-Match: *] -> 304 of 1", "GET [If-None-Match: \"b\"] -> 1 of 1"),
        new("9111 §4.3.2", "and by time", ["Cache-Control: max-age=60|Last-Modified: Thu, 01 Jan 2015 00:00:00 GMT"], "GET -> 1 of 1",
            "GET [If-Modified-Since: Thu, 01 Jan 2015 00:00:00 GMT] -> 304 of 1", "GET [If-Modified-Since: Wed, 31 Dec 2014 23:59:59 GMT] -> 1 of 1", "GET [If-None-Match: \"a\"|If-Modified-Since: {0}] -> 1 of 1"),
        new("9111 §4.3.2", "are evaluated against what comes, too", ["Cache-Control: max-age=60|ETag: \"a\""], "GET [If-None-Match: \"a\"] -> 304 of 1", "GET -> 1 of 1", "GET [If-None-Match: \"b\"] -> 1 of 1"),
        new("9111 §4.3.2", "conditions of another kind pass by", ["Cache-Control: max-age=60|ETag: \"a\""], "GET -> 1 of 1", "GET [If-Match: \"a\"] -> 2 of 2"),
        new("9111 §4.3.3", "a new response replaces the old", ["Cache-Control: max-age=10|ETag: \"a\"", "Cache-Control: max-age=10|ETag: \"b\""], "GET -> 1 of 1", "+10", "GET -> 2 of 2", "GET -> 2 of 2"),
        new("9111 §4.3.3", "an error does not", ["Cache-Control: max-age=10|ETag: \"a\"", "500", "Cache-Control: max-age=10|ETag: \"a\""], "GET -> 1 of 1", "+10", "GET -> 500 of 2", "GET -> 1 of 3"),
        new("9111 §4.3.4", "a confirmation of something else confirms nothing", ["Cache-Control: max-age=10|ETag: \"a\"", "304!|ETag: \"b\"", "Cache-Control: max-age=10|ETag: \"c\""], "GET -> 1 of 1", "+10", "GET -> 3 of 3", "GET -> 3 of 3"),
        new("9111 §4.3.4", "one that names nothing confirms what was asked about", ["Cache-Control: max-age=10|ETag: \"a\"", "304!|Cache-Control: max-age=20"], "GET -> 1 of 1", "+10", "GET -> 1 of 2", "+19", "GET -> 1 of 2"),
        new("9111 §4.3.5", "HEAD is answered from GET", ["Cache-Control: max-age=60"], "GET -> 1 of 1", "HEAD -> 200 of 1 age 0", "+60", "HEAD -> 200 of 2"),
        new("9111 §4.3.5", "HEAD freshens what it confirms", ["Cache-Control: max-age=10|ETag: \"a\""], "GET -> 1 of 1", "+10", "HEAD -> 200 of 2", "GET -> 1 of 2"),
        new("9111 §4.3.5", "and has forgotten what it does not", ["Cache-Control: max-age=10|ETag: \"a\"", "Cache-Control: max-age=10|ETag: \"b\"", "Cache-Control: max-age=10|ETag: \"a\""], "GET -> 1 of 1", "+10", "HEAD -> 200 of 2", "GET -> 3 of 3"),
        new("9111 §5.2.2.4", "no-cache is validated each time", ["Cache-Control: no-cache, max-age=60|ETag: \"a\""], "GET -> 1 of 1", "GET -> 1 of 2", "GET -> 1 of 3"),
        new("9111 §5.2.2.4", "with a list of fields too", ["Cache-Control: no-cache=\"x, y\", max-age=60|ETag: \"a\""], "GET -> 1 of 1", "GET -> 1 of 2"),
    ];

    internal static readonly Case[] Staleness =
    [
        new("5861 §3", "served while it is refreshed", ["Cache-Control: max-age=10, stale-while-revalidate=20"], "GET -> 1 of 1", "+15", "GET -> 1 of * age 15", "~2", "GET -> 2 of 2 age 0"),
        new("5861 §3", "not beyond its time", ["Cache-Control: max-age=10, stale-while-revalidate=20"], "GET -> 1 of 1", "+30", "GET -> 2 of 2"),
        new("5861 §3", "a refresh that fails leaves it", ["Cache-Control: max-age=10, stale-while-revalidate=20", "500", "Cache-Control: max-age=10"], "GET -> 1 of 1", "+15", "GET -> 1 of *", "~2", "GET -> 1 of *", "~3", "GET -> 3 of 3"),
        new("5861 §4", "served in place of an error", ["Cache-Control: max-age=10, stale-if-error=20", "503", "502", "500"], "GET -> 1 of 1", "+15", "GET -> 1 of 2 age 15", "+15", "GET -> 1 of 3 age 30", "+1", "GET -> 500 of 4"),
        new("5861 §4", "which is one of four", ["Cache-Control: max-age=10, stale-if-error=20", "505"], "GET -> 1 of 1", "+15", "GET -> 505 of 2"),
        new("5861 §4", "that is no error of the client's", ["Cache-Control: max-age=10, stale-if-error=20", "403"], "GET -> 1 of 1", "+15", "GET -> 403 of 2"),
        new("5861 §4", "at the request's word", ["Cache-Control: max-age=10", "503"], "GET -> 1 of 1", "+15", "GET [Cache-Control: stale-if-error=5] -> 1 of 2", "GET [Cache-Control: stale-if-error=4] -> 503 of 3"),
        new("9111 §5.2.2.2", "never what must be validated", ["Cache-Control: max-age=10, must-revalidate, stale-if-error=20, stale-while-revalidate=20|ETag: \"a\"", "503"], "GET -> 1 of 1", "+15", "GET -> 503 of 2", "GET [Cache-Control: max-stale] -> 503 of 3"),
    ];

    internal static readonly Case[] Changes =
    [
        new("9111 §4.4", "a change forgets the resource", ["Cache-Control: max-age=60"], "GET -> 1 of 1", "PUT -> 204 of 1", "GET -> 2 of 2", "POST -> 204 of 2", "GET -> 3 of 3", "DELETE -> 204 of 3", "GET -> 4 of 4"),
        new("9111 §4.4", "in all its variants", ["Cache-Control: max-age=60|Vary: X"], "GET [X: 1] -> 1 of 1", "GET [X: 2] -> 2 of 2", "PUT [X: 3] -> 204 of 2", "GET [X: 1] -> 3 of 3", "GET [X: 2] -> 4 of 4"),
        new("9111 §4.4", "for whom it was made, and for nobody in particular", ["Cache-Control: max-age=60"],
            "GET [Authorization: a] -> 1 of 1", "GET -> 2 of 2", "PUT [Authorization: a] -> 204 of 2", "GET [Authorization: a] -> 3 of 3", "GET -> 4 of 4"),
        new("9111 §4.4", "a change that failed does not", ["Cache-Control: max-age=60"], "GET -> 1 of 1", "PUT [X-Answer: 500] -> 500 of 1", "PUT [X-Answer: 404] -> 404 of 1", "GET -> 1 of 1"),
        new("9111 §4.4", "a method that is not known may be one", ["Cache-Control: max-age=60"], "GET -> 1 of 1", "FROBNICATE -> 204 of 1", "GET -> 2 of 2"),
    ];

    internal static readonly Case[] Statuses =
    [
        new("9211 §2", "tells what was done", ["Cache-Control: max-age=60|ETag: \"a\""], "GET -> 1 of 1 says \"table\"; fwd=uri-miss; stored", "+10", "GET -> 1 of 1 says \"table\"; hit; ttl=50",
            "GET [Cache-Control: no-cache] -> 1 of 2 says \"table\"; fwd=request; fwd-status=304; stored", "+60", "GET -> 1 of 3 says \"table\"; fwd=stale; fwd-status=304; stored", "PUT -> 204 of 3 says \"table\"; fwd=method",
            "GET [Range: bytes=0-0] -> 4 of 4 says \"table\"; fwd=bypass", "GET [Cache-Control: only-if-cached] -> 504 of 4 says \"table\"; fwd=uri-miss; detail=only-if-cached"),
        new("9211 §2", "of variants", ["Cache-Control: max-age=60|Vary: X"], "GET [X: 1] -> 1 of 1 says \"table\"; fwd=uri-miss; stored", "GET [X: 2] -> 2 of 2 says \"table\"; fwd=vary-miss; stored", "GET [X: 2] -> 2 of 2 says \"table\"; hit; ttl=60"),
        new("9211 §2", "of stale responses", ["Cache-Control: max-age=10, stale-if-error=20", "503"], "GET -> 1 of 1", "+15", "GET -> 1 of 2 says \"table\"; fwd=stale; fwd-status=503; detail=stale-if-error",
            "GET [Cache-Control: max-stale] -> 1 of 2 says \"table\"; hit; ttl=-5"),
        new("9211 §2", "of what is not kept", ["Cache-Control: no-store"], "GET -> 1 of 1 says \"table\"; fwd=uri-miss", "GET -> 2 of 2 says \"table\"; fwd=bypass"),
    ];

    internal sealed record Case(string Section, string What, string[] Answers, params string[] Steps)
    {
        public override string ToString() => $"RFC {Section}: {What}";
    }
}
