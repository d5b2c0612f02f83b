package org.pixelwake.timepix.io.hit;

import java.util.List;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.SourceOpener;
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
final class T3paReader implements HitOpener.HitReader {
  private static final double TICK = 25.0;
  private static final double FINE_TICK = 1.5625;
  private static final double NO_TOT = -1;
  private static final int PROBE_ROWS = 50_000;
  private static final int SIDE = 256;
  private static final String MARKS = "#I"; // a header comes again where a measurement was appended
  private static final int MAX_COLUMNS = 8;
  private static final List<String> T3PA =
      List.of("Index", "MatrixIndex", "ToA", "ToT", "FToA", "Overflow");
  private static final List<String> BURDA = List.of("MatrixIndex", "ToA", "FToA", "ToT");
  private static final List<String> THREE = List.of("MatrixIndex", "ToA", "ToT");

  /// The facts that the header and the first rows tell.
  ///
  /// @param columns names of the columns of a row
  /// @param quad whether pixels are numbered over 512 x 512
  /// @param notice what is unusual about the file, or empty
  record Shape(List<String> columns, boolean quad, String notice) {}

  private final ByteScanner in;
  private final String file;
  private final int columns;
  private final int index; // of each column: -1 for none
  private final int matrix;
  private final int toa;
  private final int tot;
  private final int ftoa;
  private final int overflow;
  private final int side;
  private final PixelFilter filter;
  private final Tally tally;
  private final double[] row = new double[MAX_COLUMNS];
  private long segment;
  private double lastIndex = -1;
  private boolean held;

  /// @param side columns and rows of the sensor
  T3paReader(FileTree.Entry entry, Shape shape, int side, SourceOpener from) {
    this.in = new ByteScanner(entry, from.tally);
    this.file = entry.display();
    this.columns = shape.columns.size();
    this.index = shape.columns.indexOf("Index");
    this.matrix = shape.columns.indexOf("MatrixIndex");
    this.toa = shape.columns.indexOf("ToA");
    this.tot = shape.columns.indexOf("ToT");
    this.ftoa = shape.columns.indexOf("FToA");
    this.overflow = shape.columns.indexOf("Overflow");
    this.side = side;
    this.filter = from.filter();
    this.tally = from.tally;
    if (!shape.notice.isEmpty()) {
      tally.notice(shape.notice);
    }
  }

  /// Reads the header and the first rows of a file.
  ///
  /// @throws InputException where the header lacks columns
  static Shape shape(FileTree.Entry entry, Format format) {
    try (ByteScanner in = ByteScanner.look(entry, format.id())) {
      if (format == Format.T3PA && in.blank() == 'I') {
        // The name "Matrix Index" has a blank in it, and blanks part the columns of some files.
        String header = in.restOfLine().strip().replace("Matrix Index", "MatrixIndex");
        List<String> names = List.of(header.split("\\s+"));
        if (!names.containsAll(THREE) || names.size() > MAX_COLUMNS) {
          throw new InputException(
              entry.display(),
              "line 1",
              "the header has no columns Matrix Index, ToA and ToT",
              "Export the hits with time and energy (ToA + ToT), or check the file");
        }
        return look(in, names, names.size() > THREE.size());
      }
      return look(in, format == Format.BURDA ? BURDA : T3PA, false);
    }
  }

  /// @param lessMayCome whether rows may have three columns, fewer than the header names
  private static Shape look(ByteScanner in, List<String> names, boolean lessMayCome) {
    double[] v = new double[MAX_COLUMNS];
    double largest = 0;
    List<String> columns = names;
    boolean first = true;
    for (int rows = 0; rows < PROBE_ROWS && in.peek() != ByteScanner.END; rows++) {
      if (in.blank() == '#') {
        in.skipLine();
        continue;
      }
      int n = in.row(v, false);
      if (n <= 0) {
        continue;
      }
      if (first && lessMayCome && n == THREE.size()) {
        columns = THREE;
      }
      first = false;
      int overflow = columns.indexOf("Overflow");
      if (n == columns.size() && (overflow < 0 || v[overflow] == 0)) {
        largest = Math.max(largest, v[columns.indexOf("MatrixIndex")]);
      }
    }
    String notice =
        "the header names "
            + names.size()
            + " columns but the rows have 3: read as Matrix Index, ToA, ToT, without FToA and"
            + " Overflow";
    boolean quad = largest >= SIDE * SIDE && largest < 4 * SIDE * SIDE;
    return new Shape(columns, quad, columns.equals(names) ? "" : notice);
  }

  @Override
  public boolean read(HitBlock batch) {
    batch.size = 0;
    while (!batch.full()) {
      if (held) {
        held = false;
        begin();
      } else {
        int count = in.data(row, MARKS);
        if (count == ByteScanner.END) {
          return batch.size > 0;
        }
        if (count != columns) {
          tally.malformed("row that is not " + columns + " numbers", file, in.rowPlace());
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

  private boolean restarts() {
    boolean again = index >= 0 && row[index] == 0 && lastIndex > 0;
    lastIndex = index < 0 ? -1 : row[index];
    return again;
  }

  private void hit(HitBlock batch) {
    if (overflow >= 0 && row[overflow] != 0) {
      tally.markers++;
      tally.valid++;
      return;
    }
    double pixel = row[matrix];
    double ticks = row[toa];
    double value = row[tot];
    double fine = ftoa < 0 ? 0 : row[ftoa];
    if (!(pixel >= 0 && pixel < side * side) || pixel != (int) pixel) {
      tally.malformed("pixel outside the " + side + " x " + side + " sensor", file, in.rowPlace());
      return;
    }
    if (value == NO_TOT) {
      tally.valid++;
      tally.ignored("hit without a ToT (-1)", file, in.rowPlace());
      return;
    }
    if (!(ticks >= 0 && ticks < 1e17 && value >= 0 && value < 1 << 16 && fine >= 0 && fine < 32)) {
      tally.malformed("row with a value out of range (ToA, ToT or FToA)", file, in.rowPlace());
      return;
    }
    tally.valid++;
    int x = (int) pixel % side;
    int y = (int) pixel / side;
    if (!filter.masked(x, y)) {
      float energy = filter.energy(x, y, value);
      batch.add(HitBlock.pixel(x, y), energy, filter.time(TICK * ticks - FINE_TICK * fine, energy));
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
