package org.pixelwake.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/// The symbols that a shared object of 64-bit little-endian ELF exports (System V ABI, chapter 4).
final class ElfExports {
  private static final int DYNSYM = 11;
  private static final int UNDEFINED = 0;

  /// Holds the names of symbol versions alone, which are no code or data.
  private static final int ABSOLUTE = 0xfff1;

  private static final int SECTION_HEADERS = 0x28;
  private static final int HEADER_COUNT = 0x3c;
  private static final int HEADER_BYTES = 64;
  private static final int SYMBOL_BYTES = 24;

  private ElfExports() {}

  static Set<String> of(Path library) throws IOException {
    ByteBuffer elf = ByteBuffer.wrap(Files.readAllBytes(library)).order(ByteOrder.LITTLE_ENDIAN);
    if (elf.getInt(0) != 0x464c457f || elf.get(4) != 2 || elf.get(5) != 1) {
      throw new IllegalArgumentException(library + " is no 64-bit little-endian ELF file");
    }
    int headers = Math.toIntExact(elf.getLong(SECTION_HEADERS));
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < elf.getShort(HEADER_COUNT); i++) {
      int header = headers + i * HEADER_BYTES;
      if (elf.getInt(header + 4) == DYNSYM) {
        int strings = headers + elf.getInt(header + 0x28) * HEADER_BYTES;
        int first = Math.toIntExact(elf.getLong(header + 0x18));
        int bytes = Math.toIntExact(elf.getLong(header + 0x20));
        int texts = Math.toIntExact(elf.getLong(strings + 0x18));
        for (int at = first; at < first + bytes; at += SYMBOL_BYTES) {
          boolean local = (elf.get(at + 4) & 0xf0) == 0;
          int section = elf.getShort(at + 6) & 0xffff;
          boolean defined = section != UNDEFINED && section != ABSOLUTE;
          if (!local && defined) {
            names.add(text(elf, texts + elf.getInt(at)));
          }
        }
      }
    }
    return names;
  }

  private static String text(ByteBuffer elf, int from) {
    int to = from;
    while (elf.get(to) != 0) {
      to++;
    }
    byte[] name = new byte[to - from];
    elf.get(from, name);
    return new String(name, StandardCharsets.US_ASCII);
  }
}
