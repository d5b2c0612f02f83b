package org.pixelwake.timepix.io.frame;

import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.file.AbstractFiles;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.Tally;

/// Reads the frames of one file.
abstract class FrameReader implements AbstractFiles.Reader {
  /// What the readers of all files of a source are given.
  ///
  /// @param dsc description of the file
  /// @param width columns of the sensor
  /// @param height rows of the sensor
  /// @param columns collects the hits of a frame
  /// @param filter leaves out and calibrates hits
  /// @param tally counts
  record Context(
      DscFile dsc, int width, int height, FrameColumns columns, PixelFilter filter, Tally tally) {}

  final String file;
  final DscFile dsc;
  final int width;
  final int height;
  final FrameColumns columns;
  final PixelFilter filter;
  final Tally tally;
  private int given;

  FrameReader(String file, Context context) {
    this.file = file;
    this.dsc = context.dsc;
    this.width = context.width;
    this.height = context.height;
    this.columns = context.columns;
    this.filter = context.filter;
    this.tally = context.tally;
  }

  /// The next frame of the file; null at its end.
  abstract @Nullable Frame read();

  /// Where in the file the record is that was read last: "line 12" or "byte 96".
  abstract String place();

  /// Frames given so far.
  int given() {
    return given;
  }

  Frame finish() {
    int index = given++;
    return columns.frame(tally.frames, dsc.start(index), dsc.exposure(index), file);
  }

  /// Takes a pixel of the frame, wherever it is said to be.
  void located(long x, long y, double value) {
    if (x < 0 || y < 0 || x >= width || y >= height) {
      tally.malformed("pixel outside the " + width + " x " + height + " sensor", file, place());
    } else {
      pixel((int) x, (int) y, value);
    }
  }

  /// Takes a pixel of the frame that is inside the sensor.
  void pixel(int x, int y, double value) {
    if (!counted(value)) {
      return;
    }
    if (!columns.first(x, y)) {
      tally.malformed("the same pixel twice in a frame", file, place());
    } else {
      tally.valid++;
      if (!filter.masked(x, y)) {
        columns.add(x, y, filter.energy(x, y, value));
      }
    }
  }

  /// Whether a pixel has counts; one that has none is passed.
  boolean counted(double value) {
    if (value > 0 && value < Double.POSITIVE_INFINITY) {
      return true;
    }
    tally.ignored("pixel without counts", file, place());
    return false;
  }

  /// Numbers written as text.
  abstract static class Text extends FrameReader {
    final ByteScanner in;

    Text(FileTree.Entry entry, Context context) {
      super(entry.display(), context);
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
          return columns.size() > 0 || given() == 0 ? finish() : null;
        }
        if (count != 0) {
          line(count);
        }
      }
    }

    private void line(int count) {
      if (count != 3) {
        tally.malformed("line that is not x, y, counts", file, place());
        return;
      }
      located(whole(row[0]), whole(row[1]), row[2]);
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
        if (count == 0) {
          continue;
        }
        if (count != width) {
          tally.malformed("row that is not " + width + " numbers", file, place());
        } else {
          tally.valid++;
          line(y);
        }
        y++;
      }
      return finish();
    }

    private void line(int y) {
      for (int x = 0; x < width; x++) {
        double value = row[x];
        if (value == 0) {
          continue;
        }
        if (counted(value) && !filter.masked(x, y)) {
          columns.add(x, y, filter.energy(x, y, value));
        }
      }
    }
  }
}
