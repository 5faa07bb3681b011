using Larder;

using var users = new Cache<int, string>(new() { Capacity = 100_000, Lifetime = Lifetime.FreshFor(TimeSpan.FromMinutes(5)) });

string first = users.GetOrAdd(42, static id => $"user {id}");       // made once, however many threads ask
if (users.TryGet(42, out var again)) Console.WriteLine(again);      // no lock, nothing allocated
users.SetAbsent(43);                                                // "there is no user 43" is worth remembering too
Console.WriteLine(users.Read(43, out _));                           // Absent, which is not a Miss
users.Remove(42);
Console.WriteLine($"{first}: hit ratio {users.Statistics.HitRatio:P0}, {users.Statistics.Loads} load");
