using System.Text.Json;
using System.Text.Unicode;
using Larder.Observability;
using Larder.Tiers;
using Microsoft.Extensions.Logging;

namespace Larder.Writing;

/// <summary>Where the writes go that are given up: a callback, a file, a counter.</summary>
internal sealed class DeadLetters<TKey, TValue>(WriteBehindOptions<TKey, TValue> options, PayloadOptions<TKey, TValue> payloads, TimeProvider time, string cacheName, ILogger? logger) where TKey : notnull
{
    private const long MostBytes = 64L << 20;

    private readonly Lock _gate = new(); // One line at a time.
    private readonly LogLimit _failures = new(time);
    private long _count;

    internal long Count => Volatile.Read(ref _count);

    /// <summary>Never throws.</summary>
    internal void Add(in DeadLetter<TKey, TValue> letter)
    {
        long count = Interlocked.Increment(ref _count);
        var error = letter.Error;
        if (EverFewer.IsDue(count)) logger?.Later(logger => logger.WriteGivenUp(cacheName, count, error));
        try
        {
            options.OnDeadLetter?.Invoke(letter);
        }
        catch (Exception thrown)
        {
            if (_failures.MaySay()) logger?.Later(logger => logger.DeadLetterFailed(cacheName, thrown));
        }

        try
        {
            if (options.DeadLetterFile is { } path) Append(path, letter);
        }
        catch (Exception thrown)
        {
            if (_failures.MaySay()) logger?.Later(logger => logger.DeadLetterFailed(cacheName, thrown));
        }
    }

    /// <summary>A record of the journal is no write that this program can read. Never throws.</summary>
    internal void AddUnreadable(ReadOnlyMemory<byte> record)
    {
        Interlocked.Increment(ref _count);
        try
        {
            if (options.DeadLetterFile is { } path) Append(path, json => json.WriteBase64String("recordBase64", record.Span));
        }
        catch (Exception thrown)
        {
            logger?.Later(logger => logger.DeadLetterFailed(cacheName, thrown));
        }
    }

    private void Append(string path, DeadLetter<TKey, TValue> letter) => Append(path, json =>
    {
        using PooledBuffer key = new(), value = new();
        payloads.Keys.Write(letter.Write.Key, key);
        Write(json, "key", key);
        json.WriteBoolean("isRemoval", letter.Write.IsRemoval);
        if (letter.Write.Value is null)
        {
            json.WriteNull("value");
        }
        else
        {
            payloads.WriteStored(letter.Write.Value, key.Written.Span, value);
            Write(json, "value", value);
        }

        json.WriteNumber("attempts", letter.Attempts);
        json.WriteString("error", $"{letter.Error.GetType().FullName}: {letter.Error.Message}");
    });

    private void Append(string path, Action<Utf8JsonWriter> write)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("at", time.GetUtcNow());
            json.WriteString("cache", cacheName);
            write(json);
            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        lock (_gate)
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            if (file.Length + line.Length > MostBytes) throw new IOException($"The file of dead letters, {path}, has reached {MostBytes >> 20} MiB; further ones are not written to it.");
            line.WriteTo(file);
        }
    }

    // As text where it is text, for people.
    private static void Write(Utf8JsonWriter json, string name, PooledBuffer bytes)
    {
        if (Utf8.IsValid(bytes.Written.Span)) json.WriteString(name, bytes.Written.Span);
        else json.WriteBase64String($"{name}Base64", bytes.Written.Span);
    }
}
