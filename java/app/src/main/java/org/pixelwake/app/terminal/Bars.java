package org.pixelwake.app.terminal;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pixelwake.run.Texts;
import org.pixelwake.timepix.clustering.LogHistogram;
import org.pixelwake.timepix.dataset.SizeHistogram;

/// Histograms as text: a row a bin, with its count and a bar of proportional length.
public final class Bars {
  static final char FULL = '\u2588';

  /// One to seven eighths of a block.
  private static final String EIGHTHS = "\u258f\u258e\u258d\u258c\u258b\u258a\u2589";

  private static final int LABEL = 18;
  private static final int MOST_ROWS = 20;

  /// A bin.
  ///
  /// @param label its limits
  /// @param count values in it
  public record Row(String label, long count) {}

  private Bars() {}

  /// Prints a title and the rows.
  public static void print(Console console, String title, List<Row> rows) {
    PrintWriter out = console.out();
    out.println(title);
    long most = rows.stream().mapToLong(Row::count).max().orElse(0);
    int countWidth = Texts.count(most).length();
    int room = console.look().textWidth() - LABEL - countWidth - 6;
    for (Row row : rows) {
      String bar = bar(most == 0 ? 0 : (double) row.count() / most, room, console.look().unicode());
      String format = "  %" + LABEL + "s  %" + countWidth + "s  %s";
      out.println(format.formatted(row.label(), Texts.count(row.count()), bar).stripTrailing());
    }
  }

  /// Prints a title and a histogram of the sizes of clusters.
  public static void print(Console console, String title, SizeHistogram sizes) {
    List<Row> rows = new ArrayList<>();
    for (int bin = 0; bin < sizes.usedBins(); bin++) {
      rows.add(new Row(sizes.bins().label(bin).replace("-", " - "), sizes.count(bin)));
    }
    print(console, title, rows);
  }

  /// A bar of a share of the room; what is not zero shows at least the thinnest one.
  public static String bar(double share, int room, boolean unicode) {
    if (!unicode) {
      int length = (int) Math.round(share * room);
      return "#".repeat(share > 0 ? Math.max(1, length) : 0);
    }
    long eighths = Math.round(share * room * 8);
    eighths = share > 0 ? Math.max(1, eighths) : 0;
    int rest = (int) (eighths % 8);
    return String.valueOf(FULL).repeat((int) (eighths / 8))
        + (rest == 0 ? "" : EIGHTHS.substring(rest - 1, rest));
  }

  /// The bins of a spectrum, neighbours joined until they are few enough to read.
  public static List<Row> spectrum(LogHistogram histogram) {
    long[] counts = histogram.counts();
    int first = (int) Arrays.stream(counts).takeWhile(count -> count == 0).count();
    int step = Math.max(1, Math.ceilDiv(counts.length - first, MOST_ROWS));
    // Edges that are edges at every first bin.
    first -= first % step;
    List<Row> rows = new ArrayList<>();
    if (histogram.below() > 0) {
      rows.add(new Row("below " + Texts.digits(histogram.first()), histogram.below()));
    }
    for (int bin = first; bin < counts.length; bin += step) {
      long sum = Arrays.stream(counts, bin, Math.min(bin + step, counts.length)).sum();
      String label =
          Texts.digits(histogram.edge(bin)) + " - " + Texts.digits(histogram.edge(bin + step));
      rows.add(new Row(label, sum));
    }
    return rows;
  }

  /// Clusters by number of hits, element k those of 2^k to 2^(k+1)-1.
  static List<Row> sizes(long[] counts) {
    List<Row> rows = new ArrayList<>();
    for (int k = 0; k < counts.length; k++) {
      long from = 1L << k;
      rows.add(new Row(k == 0 ? "1" : from + " - " + (2 * from - 1), counts[k]));
    }
    return rows;
  }
}
