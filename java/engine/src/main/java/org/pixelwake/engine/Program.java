package org.pixelwake.engine;

import static org.pixelwake.engine.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A graph made ready to run on a device: memory placed, calls captured. [#run()] then replays
/// everything in one call, without allocating or creating any object.
public final class Program implements AutoCloseable {
  static final Symbol CAPTURE_BEGIN = Symbol.status("pw_capture_begin", PTR);
  static final Symbol CAPTURE_END = Symbol.status("pw_capture_end", PTR, PTR);
  static final Symbol GRAPH_LAUNCH = Symbol.status("pw_graph_launch", PTR, PTR);
  static final Symbol GRAPH_CLOSE = Symbol.status("pw_graph_close", PTR);

  private final Device device;
  private final ParameterStore store;
  private final boolean averaged;
  private final MemoryPlan plan;
  private final Memory arena;
  private final Memory pinned;
  private final Map<Tensor, Long> pinnedOffsets = new HashMap<>();
  private final List<Operation> operations;
  private final MemorySegment captured;

  private Program(Device device, Graph graph, ParameterStore store, boolean averaged) {
    this.device = device;
    this.store = store;
    this.averaged = averaged;
    this.operations = List.copyOf(graph.operations());
    long pinnedBytes = 0;
    for (Operation operation : operations) {
      for (List<Tensor> side : List.of(operation.inputs(), operation.outputs())) {
        for (Tensor tensor : side) {
          boolean ours = tensor.role() == Tensor.Role.INPUT || tensor.role() == Tensor.Role.RESULT;
          if (ours && pinnedOffsets.putIfAbsent(tensor, pinnedBytes) == null) {
            pinnedBytes +=
                Math.ceilDiv(tensor.bytes(), MemoryPlan.ALIGNMENT) * MemoryPlan.ALIGNMENT;
          }
        }
      }
    }
    long[] workspaces = new long[operations.size()];
    try (Arena scratch = Arena.ofConfined()) {
      Launch sizes = new Launch(device, scratch, tensor -> MemorySegment.NULL);
      for (int i = 0; i < workspaces.length; i++) {
        workspaces[i] = operations.get(i).workspace(sizes);
      }
    }
    this.plan = MemoryPlan.of(operations, workspaces);
    this.arena = device.reserve(plan.arenaBytes());
    this.pinned = device.allocate(pinnedBytes);
    this.captured = capture(List.of());
  }

  /// Compiles a graph.
  ///
  /// @param averaged whether parameters and running statistics are read from their moving averages
  public static Program compile(
      Device device, Graph graph, ParameterStore store, boolean averaged) {
    return new Program(device, graph, store, averaged);
  }

  // With `marks`, records the i-th before operation i and the last behind all of them.
  MemorySegment capture(List<Event> marks) {
    try (Arena scratch = Arena.ofConfined()) {
      device.backend().check(CAPTURE_BEGIN, device.stream());
      MemorySegment out = scratch.allocate(PTR);
      try {
        for (int i = 0; i < operations.size(); i++) {
          if (!marks.isEmpty()) {
            marks.get(i).record();
          }
          int at = i;
          Launch launch = new Launch(device, scratch, tensor -> address(tensor, at));
          long offset = plan.workspaceOffset(i);
          launch.useWorkspace(offset < 0 ? MemorySegment.NULL : arena.address().asSlice(offset));
          operations.get(i).launch(launch);
        }
        if (!marks.isEmpty()) {
          marks.getLast().record();
        }
      } finally {
        // Ended in any case, or the stream would stay in capture.
        device.backend().check(CAPTURE_END, device.stream(), out);
      }
      return out.get(PTR, 0);
    }
  }

  private MemorySegment address(Tensor tensor, int operation) {
    return switch (tensor.role()) {
      case PARAMETER ->
          store.address(
              averaged ? ParameterStore.Slab.AVERAGE : ParameterStore.Slab.PARAMETERS,
              tensor.name());
      case STATE ->
          store.address(
              averaged ? ParameterStore.Slab.STATE_AVERAGE : ParameterStore.Slab.STATE,
              tensor.name());
      case SLAB -> slab(tensor);
      case INPUT, RESULT -> pinned(tensor);
      case INTERMEDIATE -> arena.address().asSlice(plan.offset(tensor, operation), tensor.bytes());
    };
  }

  private MemorySegment pinned(Tensor tensor) {
    Long offset = pinnedOffsets.get(tensor);
    if (offset == null) {
      throw new IllegalArgumentException(tensor + " is no input or result of this program");
    }
    return pinned.address().asSlice(offset, tensor.bytes());
  }

  private MemorySegment slab(Tensor tensor) {
    String[] parts = tensor.name().split("@", 2);
    long first = parts.length == 2 ? Long.parseLong(parts[1]) : 0;
    return store.address(ParameterStore.Slab.valueOf(parts[0])).asSlice(4 * first, tensor.bytes());
  }

  /// Where the intermediates lie.
  public MemoryPlan plan() {
    return plan;
  }

  /// The operations, in the order in which they run.
  public List<Operation> operations() {
    return operations;
  }

  /// Runs all operations and waits for them.
  public void run() {
    launch(captured);
  }

  /// A way to run this program that times each operation.
  public Profiler profiler() {
    return new Profiler(this);
  }

  Device device() {
    return device;
  }

  void launch(MemorySegment graph) {
    try {
      int status = (int) device.backend().handle(GRAPH_LAUNCH).invokeExact(graph, device.stream());
      if (status != 0) {
        throw new NativeException(GRAPH_LAUNCH.name(), status, device.backend().lastErrorText());
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    device.synchronize();
  }

  /// Writes an input; the segment is native and of the tensor's size or shorter.
  public void upload(MemorySegment host, Tensor input) {
    if (host.byteSize() > input.bytes()) {
      throw new IllegalArgumentException(host.byteSize() + " bytes for " + input);
    }
    device.upload(host, pinned(input), host.byteSize());
  }

  /// Writes an f32 input.
  public void upload(float[] values, Tensor input) {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment host = scratch.allocate(4L * values.length, 64);
      MemorySegment.copy(values, 0, host, ValueLayout.JAVA_FLOAT, 0, values.length);
      upload(host, input);
    }
  }

  /// Reads an f32 tensor that is an input or a result.
  public float[] download(Tensor tensor) {
    if (tensor.storage() != Storage.F32) {
      throw new IllegalArgumentException(tensor + " is not f32");
    }
    float[] values = new float[Math.toIntExact(tensor.elements())];
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment host = scratch.allocate(tensor.bytes(), 64);
      device.download(pinned(tensor), host, tensor.bytes());
      MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, 0, values, 0, values.length);
    }
    return values;
  }

  /// Fills all intermediates with NaN patterns, so that a test sees whatever is read before it is
  /// written.
  void poison() {
    device.fill(arena.address(), 0xff, arena.bytes());
  }

  @Override
  public void close() {
    device.backend().check(GRAPH_CLOSE, captured);
    arena.close();
    pinned.close();
  }
}
