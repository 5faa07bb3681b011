namespace Larder.Tidy.PublicApi;

public class PublicApiTests
{
    private const string Approved = "tests/Larder.Tidy/PublicApi/";

    [Theory]
    [InlineData(typeof(Cache<,>))]
    [InlineData(typeof(DiskTier))]
    [InlineData(typeof(DashboardOptions))]
    [InlineData(typeof(RedisTier))]
    public void The_public_surface_is_the_approved_one(Type one)
    {
        string path = $"{Approved}{one.Assembly.GetName().Name}.approved.txt";
        string actual = ApiSurface.Of(one.Assembly.GetTypes());
        if (Environment.GetEnvironmentVariable("LARDER_APPROVE") == "1") File.WriteAllText(Repo.Path(path), actual);
        Assert.True(File.Exists(Repo.Path(path)), $"{path} is missing: run once with LARDER_APPROVE=1");
        string[] was = Repo.Read(path).Split('\n'), now = actual.Split('\n');
        string[] differences = [.. was.Except(now).Select(l => "- " + l), .. now.Except(was).Select(l => "+ " + l)];
        Assert.True(was.SequenceEqual(now), $"The public API has changed; if that is meant, run with LARDER_APPROVE=1:\n{string.Join('\n', differences)}");
    }

    [Fact]
    public void The_surface_shows_nulls_constraints_defaults_and_init_and_hides_the_rest() => Assert.Equal("""
        abstract class Larder.Tidy.PublicApi.PublicApiTests.Sample<T> : IDisposable where T : notnull
            List<string?>? Names { get; init; }
            abstract T? Find<TWith>(T key, ref int count, string? name = default) where TWith : class, new()
            const int Most = 3
            protected Sample(bool open = True)
            protected virtual void Close(int? code)
            required int Size { get; init; }
            void Dispose()

        """, ApiSurface.Of(typeof(Sample<>)));

    [Fact]
    public void A_changed_signature_changes_the_surface() => Assert.NotEqual(
        ApiSurface.Of(typeof(IOne)).Replace("IOne", "", StringComparison.Ordinal),
        ApiSurface.Of(typeof(ITwo)).Replace("ITwo", "", StringComparison.Ordinal));

    [Fact]
    public void An_internal_type_is_no_surface() => Assert.Empty(ApiSurface.Of(typeof(ApiSurface)));

    public abstract class Sample<T> : IDisposable where T : notnull
    {
        public const int Most = 3;
        private readonly bool _open;

        protected Sample(bool open = true) => _open = open;

        public List<string?>? Names { get; init; }

        public required int Size { get; init; }

        internal bool Open => _open;

        public abstract T? Find<TWith>(T key, ref int count, string? name = null) where TWith : class, new();

        public void Dispose() => GC.SuppressFinalize(this);

        protected virtual void Close(int? code) { }
    }

    public interface IOne { void Go(string text); }

    public interface ITwo { void Go(string? text); }
}
