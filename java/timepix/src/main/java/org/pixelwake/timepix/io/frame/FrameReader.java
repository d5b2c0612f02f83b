package org.pixelwake.timepix.io.frame;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.file.AbstractFiles;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.Tally;

/// Reads the frames of one file.
abstract class FrameReader implements AbstractFiles.Reader {
  /// The arguments that a reader is given.
  ///
  /// @param dsc description of the file
  /// @param width columns of the sensor
  /// @param height rows of the sensor
  /// @param filter leaves out and calibrates hits
  /// @param tally counts
  record Context(DscFile dsc, int width, int height, PixelFilter filter, Tally tally) {}

  final String file;
  final DscFile dsc;
  final int width;
  final int height;
  final Tally tally;
  private final PixelFilter filter;

  /// Frames given so far.
  int given;

  // The hits of the frame that is being read, and its pixels so far.
  private short[] x = new short[1024];
  private short[] y = new short[1024];
  private float[] energy = new float[1024];
  int size;
  private final BitSet seen = new BitSet();

  FrameReader(FileTree.Entry entry, Context context) {
    this.file = entry.display();
    this.dsc = context.dsc;
    this.width = context.width;
    this.height = context.height;
    this.filter = context.filter;
    this.tally = context.tally;
  }

  /// The next frame of the file; null at its end.
  abstract @Nullable Frame read();

  /// Where in the file the record is that was read last: "line 12" or "byte 96".
  abstract String place();

  /// The frame of the hits that were taken; begins the next one.
  final Frame finish() {
    Frame frame =
        new Frame(
            tally.frames,
            dsc.start(given),
            dsc.exposure(given),
            file,
            Arrays.copyOf(x, size),
            Arrays.copyOf(y, size),
            Arrays.copyOf(energy, size));
    given++;
    size = 0;
    seen.clear();
    return frame;
  }

  /// Takes a pixel of the frame, wherever it is said to be.
  final void located(long column, long row, double value) {
    if (column < 0 || row < 0 || column >= width || row >= height) {
      tally.malformed("pixel outside the " + width + " x " + height + " sensor", file, place());
    } else {
      pixel((int) column, (int) row, value);
    }
  }

  /// Takes a pixel of the frame that is inside the sensor.
  final void pixel(int column, int row, double value) {
    int pixel = row * width + column;
    if (!counted(value)) {
      return;
    }
    if (seen.get(pixel)) {
      tally.malformed("the same pixel twice in a frame", file, place());
    } else {
      seen.set(pixel);
      tally.valid++;
      add(column, row, value);
    }
  }

  /// Whether a pixel has counts; one that has none is passed.
  final boolean counted(double value) {
    if (value > 0 && value < Double.POSITIVE_INFINITY) {
      return true;
    }
    tally.ignored("pixel without counts", file, place());
    return false;
  }

  /// Adds a hit, unless its pixel is masked.
  final void add(int column, int row, double value) {
    if (filter.masked(column, row)) {
      return;
    }
    if (size == x.length) {
      x = Arrays.copyOf(x, 2 * size);
      y = Arrays.copyOf(y, 2 * size);
      energy = Arrays.copyOf(energy, 2 * size);
    }
    x[size] = (short) column;
    y[size] = (short) row;
    energy[size++] = filter.energy(column, row, value);
  }

  /// Numbers written as text.
  abstract static class Text extends FrameReader {
    final ByteScanner in;

    Text(FileTree.Entry entry, Context context) {
      super(entry, context);
      this.in = new ByteScanner(entry, tally);
    }

    @Override
    String place() {
      return in.rowPlace();
    }

    @Override
    public void close() {
      in.close();
    }
  }

  /// Lines `x y C` or `x,y C`; `#` ends a frame where there are several.
  static final class Xyc extends Text {
    private final double[] row = new double[3];

    Xyc(FileTree.Entry entry, Context context) {
      super(entry, context);
    }

    @Override
    @Nullable Frame read() {
      while (true) {
        int c = in.blank();
        if (c == '#') {
          in.skipLine();
          return finish();
        }
        int count = in.row(row, true);
        if (count == ByteScanner.END) {
          // An empty file is an empty frame; after a last # nothing more is due.
          return size > 0 || given == 0 ? finish() : null;
        }
        if (count == 3) {
          located(whole(row[0]), whole(row[1]), row[2]);
        } else if (count != 0) {
          tally.malformed("line that is not x, y, counts", file, place());
        }
      }
    }

    /// A number as a coordinate: none on the sensor where it is not whole.
    private static long whole(double value) {
      long whole = (long) value;
      return whole == value ? whole : -1;
    }
  }

  /// A line a row of the sensor, from row 0, a number a column; frames follow each other without a
  /// mark.
  static final class Matrix extends Text {
    private final double[] row;

    Matrix(FileTree.Entry entry, Context context) {
      super(entry, context);
      row = new double[width];
    }

    @Override
    @Nullable Frame read() {
      int y = 0;
      while (y < height) {
        int count = in.row(row, false);
        if (count == ByteScanner.END) {
          if (y == 0) {
            return null;
          }
          tally.malformed("frame cut after " + y + " rows", file, place());
          return finish();
        }
        if (count == width) {
          tally.valid++;
          line(y++);
        } else if (count != 0) {
          tally.malformed("row that is not " + width + " numbers", file, place());
          y++;
        }
      }
      return finish();
    }

    private void line(int y) {
      for (int x = 0; x < width; x++) {
        if (row[x] != 0 && counted(row[x])) {
          add(x, y, row[x]);
        }
      }
    }
  }
}
