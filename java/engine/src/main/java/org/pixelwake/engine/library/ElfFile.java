package org.pixelwake.engine.library;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The start of a shared library: enough to say that this processor cannot load it.
final class ElfFile {
  private static final int MAGIC = 0x464c457f;
  private static final int HEADER = 64;
  // Offsets of the ELF specification, for 64 bits.
  private static final int MACHINE = 18;
  private static final int SECTIONS = 40;
  private static final int SECTION_BYTES = 58;
  private static final int SECTION_COUNT = 60;
  // e_machine by Java's name of the processor.
  private static final Map<String, Integer> MACHINES = Map.of("amd64", 62, "aarch64", 183);

  private ElfFile() {}

  /// What is wrong with it, or null.
  static @Nullable String fault(Path file) {
    if (!Files.isRegularFile(file)) {
      return Files.exists(file) ? "is no file" : "does not exist";
    }
    byte[] start;
    long size;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(HEADER);
      size = Files.size(file);
    } catch (IOException e) {
      return "cannot be read (" + e.getMessage() + ")";
    }
    ByteBuffer header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
    if (start.length < HEADER || header.getInt(0) != MAGIC) {
      return "is no shared library";
    }
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    Integer machine = MACHINES.get(arch);
    if (machine != null && header.getShort(MACHINE) != machine) {
      return "is for another processor than " + arch;
    }
    // The loader would end the process. The table of sections is the last thing in a library.
    long end =
        header.getLong(SECTIONS)
            + (header.getShort(SECTION_BYTES) & 0xffffL)
                * (header.getShort(SECTION_COUNT) & 0xffff);
    if (size < end) {
      return "is cut short: %d of %d bytes".formatted(size, end);
    }
    return null;
  }
}
