package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.List;

/// A [Program] with a mark before each operation and after the last: it computes the same in the
/// same memory and tells how long each operation took. The program itself is not slowed.
///
/// Close it before the program.
public final class Profiler implements AutoCloseable {
  private final Program program;
  private final List<Event> marks = new ArrayList<>();
  private final List<Program.Part> captured;

  Profiler(Program program) {
    this.program = program;
    for (int i = 0; i <= program.operations().size(); i++) {
      marks.add(new Event(program.device));
    }
    captured = program.capture(marks);
  }

  /// Runs all operations and waits for them.
  public void run() {
    program.launch(captured);
  }

  /// Seconds that each operation of the last run took, in the order of [Program#operations()].
  public double[] seconds() {
    double[] seconds = new double[marks.size() - 1];
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] = 1e-3 * marks.get(i + 1).millisecondsSince(marks.get(i));
    }
    return seconds;
  }

  @Override
  public void close() {
    program.discard(captured);
    marks.forEach(Event::close);
  }
}
