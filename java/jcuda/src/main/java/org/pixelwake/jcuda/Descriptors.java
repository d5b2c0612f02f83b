package org.pixelwake.jcuda;

import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;

/// Descriptors of one of NVIDIA's libraries and memory, which are given back together.
final class Descriptors implements AutoCloseable {
  /// Calls a function of the library, and fails where it does.
  interface Caller {
    void check(String function, Object... arguments);
  }

  private final Caller library;
  private final Deque<Runnable> destroy = new ArrayDeque<>();

  /// Memory that lives as long as the descriptors.
  final Arena arena = Arena.ofShared();

  /// Factor 1 of a result.
  final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1);

  /// Factor 0 of what the result is added to.
  final MemorySegment zero = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0);

  Descriptors(Caller library) {
    this.library = library;
  }

  /// Makes a descriptor, which the function puts into its first argument.
  ///
  /// @param create name of the function that makes it, with `Create` where that which destroys it
  ///   has `Destroy`
  MemorySegment make(String create, Object... arguments) {
    MemorySegment out = arena.allocate(PTR);
    Object[] all = new Object[arguments.length + 1];
    all[0] = out;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    library.check(create, all);
    MemorySegment made = out.get(PTR, 0);
    destroy.push(() -> library.check(create.replace("Create", "Destroy"), made));
    return made;
  }

  @Override
  public void close() {
    while (!destroy.isEmpty()) {
      destroy.pop().run();
    }
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
