package org.pixelwake.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import java.util.zip.CRC32C;

/// The parameters of a network on a device, with what training keeps beside them: one slab each.
public final class ParameterStore implements AutoCloseable {
  /// A slab; all but the last two are laid out as the learned parameters. Gradients are no slab:
  /// they live within a step ([Graph#gradient]).
  public enum Slab {
    PARAMETERS,
    /// First moments of the optimizer.
    FIRST_MOMENT,
    /// Second moments.
    SECOND_MOMENT,
    /// Exponential moving average of the parameters.
    AVERAGE,
    /// Running statistics.
    STATE,
    /// Exponential moving average of the running statistics.
    STATE_AVERAGE;

    boolean ofState() {
      return this == STATE || this == STATE_AVERAGE;
    }
  }

  /// Elements of a piece: 16 KiB.
  private static final int PIECE = 4096;

  private final Device device;
  private final ParameterLayout layout;
  private final Map<Slab, Memory> slabs = new EnumMap<>(Slab.class);

  /// Allocates the slabs, all zero; a slab not named is not there.
  public ParameterStore(Device device, ParameterLayout layout, Slab... wanted) {
    this.device = device;
    this.layout = layout;
    for (Slab slab : wanted) {
      slabs.put(slab, device.allocate(4L * elements(slab)));
    }
  }

  /// All that inference needs.
  public static ParameterStore forInference(Device device, ParameterLayout layout) {
    return new ParameterStore(device, layout, Slab.PARAMETERS, Slab.STATE);
  }

  /// All that training needs.
  public static ParameterStore forTraining(Device device, ParameterLayout layout, boolean average) {
    return average
        ? new ParameterStore(device, layout, Slab.values())
        : new ParameterStore(
            device, layout, Slab.PARAMETERS, Slab.FIRST_MOMENT, Slab.SECOND_MOMENT, Slab.STATE);
  }

  public Device device() {
    return device;
  }

  /// Where everything lies.
  public ParameterLayout layout() {
    return layout;
  }

  /// Whether the slab is there.
  public boolean has(Slab slab) {
    return slabs.containsKey(slab);
  }

  /// Memory of all slabs, in bytes.
  public long bytes() {
    return slabs.values().stream().mapToLong(Memory::bytes).sum();
  }

  /// Elements of a slab, with the gaps between its entries.
  public int elements(Slab slab) {
    return slab.ofState() ? layout.stateElements() : layout.parameterElements();
  }

  public MemorySegment address(Slab slab) {
    Memory memory = slabs.get(slab);
    if (memory == null) {
      throw new IllegalStateException("this store has no slab " + slab);
    }
    return memory.address();
  }

  public MemorySegment address(Slab slab, String name) {
    return address(slab).asSlice(4L * layout.offset(name), 4L * layout.entry(name).elements());
  }

  private static Slab home(Slab slab, ParameterLayout.Entry entry) {
    if (entry.group() == ParameterLayout.Group.STATE) {
      return slab == Slab.AVERAGE ? Slab.STATE_AVERAGE : Slab.STATE;
    }
    return slab;
  }

  /// Reads an entry. For [Slab#PARAMETERS] and [Slab#AVERAGE] running statistics are read from
  /// their own slabs.
  public float[] get(Slab slab, String name) {
    ParameterLayout.Entry entry = layout.entry(name);
    return device.download(address(home(slab, entry), name), entry.elements());
  }

  /// Writes an entry, likewise.
  public void set(Slab slab, String name, float[] values) {
    ParameterLayout.Entry entry = layout.entry(name);
    if (values.length != entry.elements()) {
      throw new IllegalArgumentException(
          name + ": " + values.length + " values for shape " + entry.shape());
    }
    device.upload(values, address(home(slab, entry), name));
  }

  /// Writes an entry in pieces, so that there is no copy of the whole.
  ///
  /// @param pieces writes the next values, so many, to the start of the array that it is given
  public void set(Slab slab, String name, ObjIntConsumer<float[]> pieces) {
    ParameterLayout.Entry entry = layout.entry(name);
    MemorySegment to = address(home(slab, entry), name);
    float[] piece = new float[Math.min(PIECE, entry.elements())];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(4L * piece.length, 64);
      for (int first = 0; first < entry.elements(); first += piece.length) {
        int count = Math.min(piece.length, entry.elements() - first);
        pieces.accept(piece, count);
        MemorySegment.copy(piece, 0, host, ValueLayout.JAVA_FLOAT, 0, count);
        device.upload(host, to.asSlice(4L * first), 4L * count);
      }
    }
  }

  /// Copies an entry into the start of native host memory.
  public void download(Slab slab, String name, MemorySegment host) {
    ParameterLayout.Entry entry = layout.entry(name);
    device.download(address(home(slab, entry), name), host, 4L * entry.elements());
  }

  /// Copies a slab into native host memory.
  public void download(Slab slab, MemorySegment host) {
    device.download(address(slab), host, 4L * elements(slab));
  }

  /// Copies native host memory into a slab.
  public void upload(MemorySegment host, Slab slab) {
    device.upload(host, address(slab), 4L * elements(slab));
  }

  /// A checksum of all slabs: equal where they are equal to the bit, and hardly anywhere else.
  public long digest() {
    CRC32C sum = new CRC32C();
    for (Memory slab : slabs.values()) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment host = arena.allocate(slab.bytes(), 64);
        device.download(slab.address(), host, host.byteSize());
        sum.update(host.asByteBuffer());
      }
    }
    return sum.getValue();
  }

  /// Sets a slab to zero.
  public void clear(Slab slab) {
    device.fill(address(slab), 0, 4L * elements(slab));
  }

  /// Copies one slab over another of the same layout.
  public void copy(Slab from, Slab to) {
    device.copy(address(from), address(to), 4L * elements(from));
  }

  @Override
  public void close() {
    slabs.values().forEach(Memory::close);
    slabs.clear();
  }
}
