package org.pixelwake.engine.library;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/// The cache that `ldconfig` writes for the system's loader, as glibc's `dl-cache.h` lays it out: a
/// header of 48 bytes, then entries of 24 (flags, offsets of name and path, version, hardware
/// capabilities), all offsets counted from the header.
final class LoaderCache {
  private static final byte[] MAGIC = "glibc-ld.so.cache1.1".getBytes(StandardCharsets.ISO_8859_1);
  private static final int HEADER = 48;
  private static final int ENTRY = 24;

  private LoaderCache() {}

  /// The paths of the wanted names.
  ///
  /// @throws IOException when there is no cache, or one of an unknown kind
  static Map<String, Path> read(Path cache, Collection<String> wanted) throws IOException {
    if (!Files.isRegularFile(cache)) {
      throw new IOException("there is none");
    }
    ByteBuffer data = ByteBuffer.wrap(Files.readAllBytes(cache)).order(ByteOrder.nativeOrder());
    int start = find(data);
    Map<String, Path> found = new LinkedHashMap<>();
    try {
      int entries = data.getInt(start + MAGIC.length);
      for (int i = 0; i < entries; i++) {
        int entry = start + HEADER + i * ENTRY;
        String name = text(data, start + data.getInt(entry + 4));
        if (wanted.contains(name)) {
          found.putIfAbsent(name, Path.of(text(data, start + data.getInt(entry + 8))));
        }
      }
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("it is cut short", e);
    }
    return found;
  }

  // Behind the older kind of cache, where there is one, which ends at a multiple of 8.
  private static int find(ByteBuffer data) throws IOException {
    for (int at = 0; at + HEADER <= data.limit(); at += 8) {
      byte[] here = new byte[MAGIC.length];
      data.get(at, here);
      if (java.util.Arrays.equals(here, MAGIC)) {
        return at;
      }
    }
    throw new IOException("it is of an unknown kind");
  }

  private static String text(ByteBuffer data, int at) {
    int end = at;
    while (data.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - at];
    data.get(at, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
