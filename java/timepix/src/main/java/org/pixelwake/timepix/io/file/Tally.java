package org.pixelwake.timepix.io.file;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.io.ReadReport;

/// Counts what a source gives and what is left out, and refuses a source that is mostly malformed.
public final class Tally {
  /// Records after which the share of malformed ones is looked at for the first time.
  public static final long FIRST_LOOK = 1000;

  private static final class Count {
    long count;
    final String first;
    final boolean malformed;

    Count(String first, boolean malformed) {
      this.first = first;
      this.malformed = malformed;
    }
  }

  private final String source;
  private final String format;
  private final double tolerance;
  private final Map<String, Count> skipped = new LinkedHashMap<>();
  private final Map<String, Long> packets = new LinkedHashMap<>();
  private final Set<String> notices = new LinkedHashSet<>();

  public long valid;
  public long hits;
  public long frames;
  public long emptyFrames;
  public long clusters;
  public long markers;
  public long masked;
  public long invalidEnergies;
  public double exposure;
  public long bytes;
  private long malformed;
  private String firstMalformed = "";

  public Tally(String source, String format, double tolerance) {
    this.source = source;
    this.format = format;
    this.tolerance = tolerance;
  }

  /// Counts a malformed record. The place is "line 12" or "byte 96" in the file.
  public void malformed(String reason, String file, String place) {
    String first = file + ": " + place;
    skip(reason, first, 1, true);
    malformed++;
    if (firstMalformed.isEmpty()) {
      firstMalformed = place + ": " + reason + (file.equals(source) ? "" : " (" + file + ")");
    }
    if (valid + malformed == FIRST_LOOK) {
      look();
    }
  }

  /// Counts sound records that are no hits.
  public void ignored(String reason, String file, String place) {
    skip(reason, place.isEmpty() ? file : file + ": " + place, 1, false);
  }

  public void notice(String text) {
    notices.add(text);
  }

  public void packets(String kind, long count) {
    packets.merge(kind, count, Long::sum);
  }

  /// To be called at the end of the source.
  public void end() {
    look();
  }

  private void skip(String reason, String first, long count, boolean bad) {
    skipped.computeIfAbsent(reason, key -> new Count(first, bad)).count += count;
  }

  private void look() {
    if (malformed == 0) {
      return;
    }
    if (valid == 0) {
      throw new InputException(
          source,
          firstMalformed,
          "nothing valid was found in it read as " + format,
          "Check that it is such a file and whole, or choose another --format");
    }
    // One malformed record is always forgiven: the last one of a file that was cut.
    if (malformed > 1 && malformed > tolerance * (valid + malformed)) {
      throw new InputException(
          source,
          firstMalformed,
          malformed
              + " of "
              + (valid + malformed)
              + " records read as "
              + format
              + " are malformed, more than "
              + Math.round(tolerance * 100)
              + " %",
          "Check that it is such a file and whole, or choose another --format");
    }
  }

  public ReadReport report() {
    List<ReadReport.Skipped> list = new ArrayList<>();
    skipped.forEach(
        (reason, c) -> list.add(new ReadReport.Skipped(reason, c.count, c.first, c.malformed)));
    return new ReadReport(
        hits,
        frames,
        emptyFrames,
        clusters,
        markers,
        masked,
        invalidEnergies,
        exposure,
        Collections.unmodifiableMap(new LinkedHashMap<>(packets)),
        List.copyOf(list),
        List.copyOf(notices));
  }
}
