package org.pixelwake.timepix.io.file;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.io.ReadReport;
import org.pixelwake.timepix.io.ReadReport.Skipped;

/// Counts what a source gives and what is left out, and refuses a source that is mostly malformed.
public final class Tally {
  /// Records after which the share of malformed ones is looked at for the first time.
  public static final long FIRST_LOOK = 1000;

  private final String source;
  private final String format;
  private final double tolerance;
  private final Map<String, Skipped> skipped = new LinkedHashMap<>();
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
    skip(new Skipped(reason, 1, file + ": " + place, true));
    malformed++;
    if (firstMalformed.isEmpty()) {
      firstMalformed = place + ": " + reason + (file.equals(source) ? "" : " (" + file + ")");
    }
    if (valid + malformed == FIRST_LOOK) {
      check();
    }
  }

  /// Counts sound records that are no hits.
  public void ignored(String reason, String file, String place) {
    skip(new Skipped(reason, 1, place.isEmpty() ? file : file + ": " + place, false));
  }

  public void notice(String text) {
    notices.add(text);
  }

  public void packets(String kind, long count) {
    packets.merge(kind, count, Long::sum);
  }

  private void skip(Skipped one) {
    skipped.merge(
        one.reason(),
        one,
        (all, more) -> new Skipped(all.reason(), all.count() + 1, all.first(), all.malformed()));
  }

  /// Refuses a source that is mostly malformed; to be called at its end.
  public void check() {
    // One malformed record is always forgiven: the last one of a file that was cut.
    long records = valid + malformed;
    boolean most = malformed > 1 && malformed > tolerance * records;
    if (malformed > 0 && (valid == 0 || most)) {
      throw new InputException(
          source,
          firstMalformed,
          valid == 0
              ? "nothing valid was found in it read as " + format
              : String.format(
                  Locale.ROOT,
                  "%d of %d records read as %s are malformed, more than %d %%",
                  malformed,
                  records,
                  format,
                  Math.round(tolerance * 100)),
          "Check that it is such a file and whole, or choose another --format");
    }
  }

  public ReadReport report() {
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
        List.copyOf(skipped.values()),
        List.copyOf(notices));
  }
}
