package org.pixelwake.engine.plan;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.op.Collective;

/// Runs the [Collective]s of one program: device to host, around the group, and back.
public final class Exchange {
  /// Bytes from which on each process combines a part and all gather the parts, which moves twice
  /// the values whatever the number of processes; below, everybody gathers and combines everything,
  /// which is one exchange less.
  private static final long DIVIDED = 64 << 10;

  private final Device device;
  private final Group group;
  // Not freed before an exchange that was given up.
  private final Arena memory = Arena.ofAuto();
  private final MemorySegment own;
  private final MemorySegment all;

  /// @param collectives all that will be run, of which none needs more memory than is set aside now
  public Exchange(Device device, Group group, List<Collective> collectives) {
    this.device = device;
    this.group = group;
    long most = Float.BYTES;
    long gathered = Float.BYTES;
    for (Collective collective : collectives) {
      long bytes = bytes(collective);
      long padded = group.size() * part(bytes);
      most = Math.max(most, padded);
      gathered = Math.max(gathered, divided(collective, bytes) ? padded : group.size() * bytes);
    }
    own = memory.allocate(most, 64);
    all = memory.allocate(gathered, 64);
  }

  private static long bytes(Collective collective) {
    return collective.tensors().stream().mapToLong(Tensor::bytes).sum();
  }

  private static boolean divided(Collective collective, long bytes) {
    return collective.divisible() && bytes >= DIVIDED;
  }

  private long part(long bytes) {
    return Math.ceilDiv(bytes / Float.BYTES, group.size()) * Float.BYTES;
  }

  /// @param addresses of the tensors at this operation
  public void run(Collective collective, Function<Tensor, MemorySegment> addresses) {
    long bytes = bytes(collective);
    copy(collective, addresses, Device.DEVICE_TO_HOST);
    if (divided(collective, bytes)) {
      long part = part(bytes);
      MemorySegment padded = own.asSlice(0, group.size() * part);
      MemorySegment received = all.asSlice(0, group.size() * part);
      group.allToAll(padded, received);
      MemorySegment mine = own.asSlice(0, part);
      collective.combine(received, mine);
      group.allGather(mine, received);
      MemorySegment.copy(received, 0, own, 0, bytes);
    } else {
      MemorySegment mine = own.asSlice(0, bytes);
      MemorySegment gathered = all.asSlice(0, group.size() * bytes);
      group.allGather(mine, gathered);
      collective.combine(gathered, mine);
    }
    copy(collective, addresses, Device.HOST_TO_DEVICE);
  }

  // All of them one behind the other on the host.
  private void copy(
      Collective collective, Function<Tensor, MemorySegment> addresses, int direction) {
    long offset = 0;
    for (Tensor tensor : collective.tensors()) {
      MemorySegment host = own.asSlice(offset, tensor.bytes());
      device.enqueueCopy(addresses.apply(tensor), host, tensor.bytes(), direction);
      offset += tensor.bytes();
    }
    device.synchronize();
  }
}
