package org.pixelwake.timepix.io.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;
import org.pixelwake.base.InputException;

/// Bytes of a file, which are counted, and whose failures name their place.
public class ByteSource implements AutoCloseable {
  private final InputStream in;
  protected final String file;
  protected final Tally tally;
  private long passed;

  /// Opens the content of an entry.
  public ByteSource(FileTree.Entry entry, Tally tally) {
    this.in = entry.open();
    this.file = entry.display();
    this.tally = tally;
  }

  /// Reads some bytes, as [InputStream#read(byte\[\], int, int)]. Compressed data that are damaged
  /// end there, and count as malformed.
  ///
  /// @return number of bytes read, -1 at the end
  /// @throws InputException where the disk or the network fails
  public int read(byte[] into, int offset, int length) {
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

  /// Number of bytes read so far.
  public long passed() {
    return passed;
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
