using Larder.Tidy.Samples;
using Larder.Tidy.Samples.High;
using Larder.Tidy.Samples.Low;

namespace Larder.Tidy.Layers
{
    public class LayerTests
    {
        private const string Source = "src/Larder/";

        private static readonly string[][] _layers =
        [
            ["Observability"], ["Eviction"], ["Advising"], ["Expiry"], ["Memory"], ["Cache.cs"], ["Leasing", "Resilience"],
            ["Tiers"], ["Coherence", "Writing"], ["Loading"], ["Warming"], [LayerMap.Top], ["Hosting"],
        ];

        private static readonly LayerMap _sampleMap = new([["Low"], ["High"]], LayerMap.FoldersOf("Larder.Tidy.Samples",
            new Dictionary<string, string> { ["Plain.cs"] = "namespace Larder.Tidy.Samples;\npublic enum Plain { }\ninternal sealed class Front { }" }));

        [Fact]
        public void Folders_use_only_what_lies_below()
        {
            var sources = Repo.Files("*.cs", Source).ToDictionary(f => f[Source.Length..], Repo.Read);
            var types = typeof(Cache<,>).Assembly.GetTypes().Where(t => t.Namespace?.Split('.')[0] == "Larder");
            Faults.None(new LayerMap(_layers, LayerMap.FoldersOf("Larder", sources)).Violations(types));
        }

        [Fact]
        public void Downward_use_and_plain_values_of_the_top_pass() =>
            Assert.Empty(_sampleMap.Violations([typeof(Upper), typeof(Base), typeof(Plain)]));

        [Fact]
        public void Upward_use_inside_an_async_lambda_is_found() =>
            Assert.Equal([$"{typeof(Climber)} (Low) uses {typeof(Upper)} (High)"],
                _sampleMap.Violations([typeof(Upper), .. WithNested(typeof(Climber)), typeof(Base)]));

        [Fact]
        public void Use_of_the_tops_machinery_is_found() =>
            Assert.Equal([$"{typeof(Reacher)} (High) uses {typeof(Front)} ()"], _sampleMap.Violations([typeof(Reacher), typeof(Front)]));

        [Fact]
        public void A_folder_in_no_layer_is_found() => Assert.Single(_sampleMap.Violations([typeof(Samples.Elsewhere.Stray)]));

        private static IEnumerable<Type> WithNested(Type type) =>
            type.GetNestedTypes(System.Reflection.BindingFlags.NonPublic).SelectMany(WithNested).Prepend(type);
    }
}

namespace Larder.Tidy.Samples
{
    internal enum Plain { One }

    internal sealed class Front;
}

namespace Larder.Tidy.Samples.Low
{
    internal class Base { public Plain Value { get; set; } }

    internal sealed class Climber
    {
        public Func<Task<object>> Run { get; } = async () =>
        {
            await Task.Yield();
            return new List<Upper>();
        };
    }
}

namespace Larder.Tidy.Samples.High
{
    internal sealed class Upper : Base;

    internal sealed class Reacher { public Front[]? Fronts { get; set; } }
}

namespace Larder.Tidy.Samples.Elsewhere
{
    internal sealed class Stray;
}
