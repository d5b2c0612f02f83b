package org.pixelwake.engine;

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
  // e_machine of the ELF specification, by Java's name of the processor.
  private static final Map<String, Integer> MACHINES = Map.of("amd64", 62, "aarch64", 183);

  private ElfFile() {}

  /// What is wrong with it, or null.
  static @Nullable String fault(Path file) {
    if (!Files.isRegularFile(file)) {
      return Files.exists(file) ? "is no file" : "does not exist";
    }
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(20);
    } catch (IOException e) {
      return "cannot be read (" + e.getMessage() + ")";
    }
    ByteBuffer header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
    if (start.length < 20 || header.getInt(0) != MAGIC) {
      return "is no shared library";
    }
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    Integer machine = MACHINES.get(arch);
    if (machine != null && header.getShort(18) != machine) {
      return "is for another processor than " + arch;
    }
    return null;
  }
}
