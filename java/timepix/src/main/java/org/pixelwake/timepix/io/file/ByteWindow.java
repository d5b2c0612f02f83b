package org.pixelwake.timepix.io.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;
import org.pixelwake.base.InputException;

/// Bytes of a file, which are counted, and whose failures name their place; and a part of them in
/// memory that goes on through the file: from [#position] to before [#limit] of [#buffer].
public class ByteWindow implements AutoCloseable {
  private static final int CAPACITY = 1 << 16;

  protected final String file;
  protected final Tally tally;
  protected final byte[] buffer = new byte[CAPACITY];

  /// Next byte to take.
  protected int position;

  /// End of the bytes that are there.
  protected int limit;

  private final InputStream in;
  private long passed;
  private boolean ended;

  /// Opens the content of an entry.
  public ByteWindow(FileTree.Entry entry, Tally tally) {
    this.in = entry.open();
    this.file = entry.display();
    this.tally = tally;
  }

  /// Reads some bytes past the window, as [InputStream#read(byte\[\], int, int)]. Compressed data
  /// that are damaged end there, and count as malformed.
  ///
  /// @return number of bytes read, -1 at the end
  /// @throws InputException where the disk or the network fails
  public final int read(byte[] into, int offset, int length) {
    try {
      int n = in.read(into, offset, length);
      passed += Math.max(n, 0);
      tally.bytes += Math.max(n, 0);
      return n;
    } catch (EOFException | ZipException e) {
      tally.malformed("the compressed data end early or are damaged", file, "byte " + passed);
      return -1;
    } catch (IOException e) {
      throw new InputException(
          file,
          "byte " + passed,
          "cannot be read (" + e.getMessage() + ")",
          "Check the disk or the network",
          e);
    }
  }

  /// Number of bytes read so far, those in the window included.
  public final long passed() {
    return passed;
  }

  /// Offset of the next byte of the window in the file.
  public final long offset() {
    return passed - (limit - position);
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
      ended = n < 0;
      limit += Math.max(n, 0);
    }
    return limit >= count;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new InputException(
          file, "cannot be closed (" + e.getMessage() + ")", "Check the disk", e);
    }
  }
}
