package org.pixelwake.app.terminal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Asks the operating system about file descriptors. Java tells only whether standard input and
/// output both are a terminal, and of standard error nothing.
final class Terminal {
  static final int STDOUT = 1;
  static final int STDERR = 2;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final int NOT_VARIADIC = -1;
  private static final int DEFAULT_COLUMNS = 80;
  private static final int SIGINT = 2;

  /// TIOCGWINSZ of Linux on x86-64 and AArch64.
  private static final long WINDOW_SIZE = 0x5413;

  /// struct winsize: rows, columns, two of pixels.
  private static final long WINDOW_BYTES = 8;

  private static final long COLUMNS_OFFSET = 2;

  private Terminal() {}

  /// Whether the descriptor is a terminal; false where there is no isatty.
  static boolean isTerminal(int descriptor) {
    Integer answer =
        (Integer) call("isatty", FunctionDescriptor.of(INT, INT), NOT_VARIADIC, 0, descriptor);
    return answer == 1;
  }

  /// Width in characters; 80 where it is not told.
  static int columns(int descriptor) {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return DEFAULT_COLUMNS;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment window = arena.allocate(WINDOW_BYTES);
      FunctionDescriptor ioctl = FunctionDescriptor.of(INT, INT, LONG, ValueLayout.ADDRESS);
      Integer status = (Integer) call("ioctl", ioctl, 2, -1, descriptor, WINDOW_SIZE, window);
      int columns = Short.toUnsignedInt(window.get(ValueLayout.JAVA_SHORT, COLUMNS_OFFSET));
      return status == 0 && columns > 0 ? columns : DEFAULT_COLUMNS;
    }
  }

  /// Gives Ctrl-C back its default action, which ends the process at once.
  static void endOnInterrupt() {
    FunctionDescriptor signal = FunctionDescriptor.of(LONG, INT, LONG);
    call("signal", signal, NOT_VARIADIC, 0L, SIGINT, 0L);
  }

  /// Calls a function of the C library; `missing` where it has none of that name.
  private static Object call(
      String name,
      FunctionDescriptor descriptor,
      int firstVariadic,
      Object missing,
      Object... arguments) {
    Linker linker = Linker.nativeLinker();
    var found = linker.defaultLookup().find(name);
    if (found.isEmpty()) {
      return missing;
    }
    Linker.Option[] options =
        firstVariadic < 0
            ? new Linker.Option[0]
            : new Linker.Option[] {Linker.Option.firstVariadicArg(firstVariadic)};
    try {
      return linker.downcallHandle(found.get(), descriptor, options).invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(name, e);
    }
  }
}
