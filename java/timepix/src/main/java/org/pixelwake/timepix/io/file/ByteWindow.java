package org.pixelwake.timepix.io.file;

/// A part of a file in memory that goes on through it: bytes from [#position] to before [#limit] of
/// [#buffer].
public class ByteWindow extends ByteSource {
  private static final int CAPACITY = 1 << 16;

  /// Bytes of the file.
  protected final byte[] buffer = new byte[CAPACITY];

  /// Next byte to take.
  protected int position;

  /// End of the bytes that are there.
  protected int limit;

  private boolean ended;

  /// Opens the content of an entry.
  public ByteWindow(FileTree.Entry entry, Tally tally) {
    super(entry, tally);
  }

  /// Offset of the next byte in the file.
  public final long offset() {
    return passed() - (limit - position);
  }

  /// Has at least `count` bytes in the buffer, where the file has them.
  protected final boolean ensure(int count) {
    if (limit - position >= count) {
      return true;
    }
    if (ended) {
      return false;
    }
    System.arraycopy(buffer, position, buffer, 0, limit - position);
    limit -= position;
    position = 0;
    while (limit < count && !ended) {
      int n = read(buffer, limit, buffer.length - limit);
      if (n < 0) {
        ended = true;
      } else {
        limit += n;
      }
    }
    return limit >= count;
  }
}
