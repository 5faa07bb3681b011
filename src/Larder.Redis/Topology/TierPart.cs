using System.Buffers;

namespace Larder.Redis.Topology;

/// <summary>Puts what is found of a part of a batch to the positions it has in the whole.</summary>
internal sealed class TierPart(ITierReceiver receiver, IReadOnlyList<int> positions) : ITierReceiver
{
    public IBufferWriter<byte> Buffer(int index) => receiver.Buffer(positions[index]);

    public void Found(int index) => receiver.Found(positions[index]);

    public void Stamped(int index, TierStamp stamp) => receiver.Stamped(positions[index], stamp);
}
