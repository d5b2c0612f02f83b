package org.pixelwake.timepix.io.hit;

import java.util.Arrays;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitBuffer;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.Tally;

/// Hits of a Pixet `.t3pa` or of a Burda or Katherine text file.
///
/// Rows of the latter are matrix index, ToA, FToA and ToT, after comments `#`; a ToT of -1 stands
/// for a hit that the chip gave none of, which is passed and counted. A ToT of 0 is a hit.
///
/// Time is 25 ns * ToA - 1.5625 ns * FToA; FToA goes up to 31, because the files hold the
/// correction of the column clocks in it. A row whose Overflow is not 0 is a marker of lost data
/// (0x74 begin, 0x75 end, in either index column), never a hit. An Index that starts again at 0
/// begins an appended measurement, a segment of its own.
final class T3paReader implements EventFiles.Reader {
  private static final double TICK = 25.0;
  private static final double FINE_TICK = 1.5625;
  private static final double NO_TOT = -1;
  private static final int PROBE_ROWS = 50_000;
  private static final int SIDE = 256;

  /// Which column holds what; -1 for none.
  ///
  /// @param columns number of columns of a row
  /// @param quad whether pixels are numbered over 512 x 512
  /// @param notice what is unusual about the file, or empty
  record Shape(
      int columns,
      int index,
      int matrix,
      int toa,
      int tot,
      int ftoa,
      int overflow,
      boolean quad,
      String notice) {

    Shape withQuad(boolean value) {
      return new Shape(columns, index, matrix, toa, tot, ftoa, overflow, value, notice);
    }
  }

  private static final Shape T3PA = new Shape(6, 0, 1, 2, 3, 4, 5, false, "");
  private static final Shape BURDA = new Shape(4, -1, 0, 1, 3, 2, -1, false, "");

  private final ByteScanner in;
  private final String file;
  private final Shape shape;
  private final int side;
  private final PixelFilter filter;
  private final Tally tally;
  private final double[] row = new double[8];
  private long segment;
  private double lastIndex = -1;
  private boolean held;

  T3paReader(FileTree.Entry entry, Shape shape, boolean quad, PixelFilter filter, Tally tally) {
    this.in = new ByteScanner(entry, tally);
    this.file = entry.display();
    this.shape = shape;
    this.side = quad ? 2 * SIDE : SIDE;
    this.filter = filter;
    this.tally = tally;
    if (!shape.notice().isEmpty()) {
      tally.notice(shape.notice());
    }
  }

  /// Reads the header and the first rows of a file.
  static Shape shape(FileTree.Entry entry, Format format) {
    Tally own = new Tally(entry.display(), format.id(), 1);
    try (ByteScanner in = new ByteScanner(entry, own)) {
      Shape shape = format == Format.BURDA ? BURDA : T3PA;
      int header = -1;
      if (format == Format.T3PA && in.blank() == 'I') {
        String line = in.restOfLine();
        shape = named(line, entry);
        header = shape.columns();
      }
      return look(in, shape, header);
    }
  }

  private static Shape named(String header, FileTree.Entry entry) {
    // The name "Matrix Index" has a blank in it, and blanks part the columns of some files.
    String[] names = header.strip().replace("Matrix Index", "MatrixIndex").split("\\s+");
    var list = Arrays.asList(names);
    Shape shape =
        new Shape(
            names.length,
            list.indexOf("Index"),
            list.indexOf("MatrixIndex"),
            list.indexOf("ToA"),
            list.indexOf("ToT"),
            list.indexOf("FToA"),
            list.indexOf("Overflow"),
            false,
            "");
    if (shape.matrix() < 0 || shape.toa() < 0 || shape.tot() < 0 || names.length > 8) {
      throw new InputException(
          entry.display(),
          "line 1",
          "the header has no columns Matrix Index, ToA and ToT",
          "Export the hits with time and energy (ToA + ToT), or check the file");
    }
    return shape;
  }

  private static Shape look(ByteScanner in, Shape shape, int header) {
    double[] v = new double[8];
    double largest = 0;
    Shape found = shape;
    boolean first = true;
    for (int rows = 0; rows < PROBE_ROWS; rows++) {
      if (in.blank() == '#') {
        in.skipLine();
        continue;
      }
      int n = in.row(v, false);
      if (n == ByteScanner.END) {
        break;
      }
      if (n <= 0) {
        continue;
      }
      if (first && n == 3 && header > 3) {
        found =
            new Shape(
                3,
                -1,
                0,
                1,
                2,
                -1,
                -1,
                false,
                "the header names "
                    + header
                    + " columns but the rows have 3: read as Matrix Index, ToA, ToT, without FToA and Overflow");
      }
      first = false;
      if (n == found.columns() && (found.overflow() < 0 || v[found.overflow()] == 0)) {
        largest = Math.max(largest, v[found.matrix()]);
      }
    }
    return found.withQuad(largest >= SIDE * SIDE && largest < 4 * SIDE * SIDE);
  }

  @Override
  public boolean read(HitBuffer batch) {
    batch.size = 0;
    while (!batch.full()) {
      if (held) {
        held = false;
        begin();
      } else {
        int count = next();
        if (count == ByteScanner.END) {
          return batch.size > 0;
        }
        if (count != shape.columns()) {
          tally.malformed("row that is not " + shape.columns() + " numbers", file, in.rowPlace());
          continue;
        }
        if (restarts()) {
          if (batch.size > 0) {
            held = true;
            return true;
          }
          begin();
        }
      }
      hit(batch);
    }
    return true;
  }

  private void begin() {
    segment++;
    tally.notice("Index starts again: measurements appended to one file are kept apart");
  }

  private int next() {
    while (true) {
      int c = in.blank();
      if (c == '#' || c == 'I') {
        // A header comes again where a measurement was appended.
        in.skipLine();
        continue;
      }
      int count = in.row(row, false);
      if (count != 0) {
        return count;
      }
    }
  }

  private boolean restarts() {
    if (shape.index() < 0) {
      return false;
    }
    double index = row[shape.index()];
    boolean again = index == 0 && lastIndex > 0;
    lastIndex = index;
    return again;
  }

  private void hit(HitBuffer batch) {
    if (shape.overflow() >= 0 && row[shape.overflow()] != 0) {
      tally.markers++;
      tally.valid++;
      return;
    }
    double matrix = row[shape.matrix()];
    double toa = row[shape.toa()];
    double tot = row[shape.tot()];
    double ftoa = shape.ftoa() < 0 ? 0 : row[shape.ftoa()];
    if (!(matrix >= 0 && matrix < side * side) || matrix != (int) matrix) {
      tally.malformed("pixel outside the " + side + " x " + side + " sensor", file, in.rowPlace());
      return;
    }
    if (tot == NO_TOT) {
      tally.valid++;
      tally.ignored("hit without a ToT (-1)", file, in.rowPlace());
      return;
    }
    if (!(toa >= 0 && toa < 1e17 && tot >= 0 && tot < 1 << 16 && ftoa >= 0 && ftoa < 32)) {
      tally.malformed("row with a value out of range (ToA, ToT or FToA)", file, in.rowPlace());
      return;
    }
    tally.valid++;
    int x = (int) matrix % side;
    int y = (int) matrix / side;
    if (!filter.masked(x, y)) {
      float energy = filter.energy(x, y, tot);
      batch.add(x, y, energy, filter.time(TICK * toa - FINE_TICK * ftoa, energy));
    }
  }

  @Override
  public long segment() {
    return segment;
  }

  @Override
  public void close() {
    in.close();
  }
}
