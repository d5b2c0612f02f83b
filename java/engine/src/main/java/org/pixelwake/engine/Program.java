package org.pixelwake.engine;

import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.op.Collective;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.plan.Exchange;
import org.pixelwake.engine.plan.MemoryPlan;

/// A graph made ready to run on a device: memory placed, calls captured. [#run()] then replays
/// everything in one call, without allocating or creating any object; where processes share the
/// batch, in one call between any two exchanges.
public final class Program implements AutoCloseable {
  static final Symbol GRAPH_LAUNCH = Symbol.status("pw_graph_launch", PTR, PTR);
  static final Symbol GRAPH_CLOSE = Symbol.status("pw_graph_close", PTR);

  final Device device;
  private final ParameterStore store;
  private final boolean averaged;
  private final MemoryPlan plan;
  private final Memory arena;
  private final Memory pinned;
  private final Map<Tensor, Long> pinnedOffsets = new HashMap<>();
  private final Map<Tensor, Memory> placed;
  private final List<Operation> operations;
  private final @Nullable Exchange exchange;
  private final List<Part> captured;

  /// Captured calls and what comes behind them.
  ///
  /// @param calls a `pw_graph`
  /// @param next index of the exchange behind them, -1 where the program ends
  record Part(MemorySegment calls, int next) {}

  private Program(
      Device device,
      Graph graph,
      ParameterStore store,
      boolean averaged,
      Map<Tensor, Memory> placed) {
    this.device = device;
    this.placed = Map.copyOf(placed);
    this.store = store;
    this.averaged = averaged;
    this.operations = List.copyOf(graph.operations());
    long pinnedBytes = placeEnds();
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
    List<Collective> collectives = new ArrayList<>();
    for (Operation operation : operations) {
      if (operation instanceof Collective collective) {
        collectives.add(collective);
      }
    }
    this.exchange = collectives.isEmpty() ? null : new Exchange(device, graph.group(), collectives);
    this.captured = capture(List.of());
  }

  /// Compiles a graph.
  ///
  /// @param averaged whether parameters and running statistics are read from their moving averages
  public static Program compile(
      Device device, Graph graph, ParameterStore store, boolean averaged) {
    return compile(device, graph, store, averaged, Map.of());
  }

  /// Compiles a graph whose inputs or results lie in memory of the caller's choice, so that what
  /// somebody else computed is read, or goes on to be used, where it is.
  ///
  /// @param placed inputs and results with the memory for each, in the layout of the tensor; the
  ///   others get memory of the program's own. The caller closes it, after the program
  /// @throws IllegalArgumentException when a tensor is no input or result of the graph, or its
  ///   memory too small or another device's
  public static Program compile(
      Device device,
      Graph graph,
      ParameterStore store,
      boolean averaged,
      Map<Tensor, Memory> placed) {
    return new Program(device, graph, store, averaged, placed);
  }

  // Gives every input and result its place; returns the bytes of those that the caller did not.
  private long placeEnds() {
    long bytes = 0;
    Set<Tensor> ends = new LinkedHashSet<>();
    for (Operation operation : operations) {
      ends.addAll(operation.inputs());
      ends.addAll(operation.outputs());
    }
    ends.removeIf(t -> t.role() != Tensor.Role.INPUT && t.role() != Tensor.Role.RESULT);
    for (Tensor tensor : ends) {
      if (!placed.containsKey(tensor)) {
        pinnedOffsets.put(tensor, bytes);
        bytes += Math.ceilDiv(tensor.bytes(), MemoryPlan.ALIGNMENT) * MemoryPlan.ALIGNMENT;
      }
    }
    placed.forEach((tensor, memory) -> {
      if (!ends.contains(tensor)) {
        throw new IllegalArgumentException(tensor + " is no input or result of this program");
      }
      if (memory.bytes() < tensor.bytes()) {
        throw new IllegalArgumentException(
            tensor + " needs " + tensor.bytes() + " bytes, its memory has " + memory.bytes());
      }
      if (memory.device != device) {
        throw new IllegalArgumentException("the memory of " + tensor + " is another device's");
      }
    });
    return bytes;
  }

  // With `marks`, records the i-th before operation i and the last behind all of them.
  List<Part> capture(List<Event> marks) {
    List<Part> parts = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < operations.size(); i++) {
      if (operations.get(i) instanceof Collective) {
        parts.add(new Part(capture(from, i, marks), i));
        from = i + 1;
      }
    }
    parts.add(new Part(capture(from, operations.size(), marks), -1));
    return parts;
  }

  // Operations `from` up to `to`, and the mark before `to`.
  private MemorySegment capture(int from, int to, List<Event> marks) {
    try (Arena scratch = Arena.ofConfined()) {
      return device.capture(() -> {
        for (int i = from; i < to; i++) {
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
          marks.get(to).record();
        }
      });
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
    Memory given = placed.get(tensor);
    if (given != null) {
      return given.address().asSlice(0, tensor.bytes());
    }
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

  /// Gives all operations to the device's stream and does not wait for them: results are there when
  /// the stream has got so far ([Device#synchronize]). Exchanges with other processes are waited
  /// for.
  public void submit() {
    enqueue(captured);
  }

  /// A way to run this program that times each operation.
  public Profiler profiler() {
    return new Profiler(this);
  }

  void launch(List<Part> parts) {
    enqueue(parts);
    device.synchronize();
  }

  private void enqueue(List<Part> parts) {
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      enqueue(part.calls);
      if (part.next >= 0) {
        exchange(part.next);
      }
    }
  }

  private void exchange(int operation) {
    if (exchange != null && operations.get(operation) instanceof Collective collective) {
      exchange.run(collective, tensor -> address(tensor, operation));
    }
  }

  void discard(List<Part> parts) {
    parts.forEach(part -> device.backend().check(GRAPH_CLOSE, part.calls));
  }

  private void enqueue(MemorySegment graph) {
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
  }

  /// Writes an input; the segment is native and of the tensor's size or shorter.
  public void upload(MemorySegment host, Tensor input) {
    checkLength(host.byteSize(), input);
    device.upload(host, pinned(input), host.byteSize());
  }

  private static void checkLength(long bytes, Tensor input) {
    if (bytes > input.bytes()) {
      throw new IllegalArgumentException(bytes + " bytes for " + input);
    }
  }

  /// Writes an f32 input.
  public void upload(float[] values, Tensor input) {
    checkLength(4L * values.length, input);
    device.upload(values, pinned(input));
  }

  /// Reads an f32 tensor that is an input or a result.
  public float[] download(Tensor tensor) {
    if (tensor.storage() != Storage.F32) {
      throw new IllegalArgumentException(tensor + " is not f32");
    }
    return device.download(pinned(tensor), tensor.elements());
  }

  /// Fills all intermediates with NaN patterns, so that a test sees whatever is read before it is
  /// written.
  void poison() {
    device.fill(arena.address(), 0xff, arena.bytes());
  }

  @Override
  public void close() {
    discard(captured);
    arena.close();
    pinned.close();
  }
}
