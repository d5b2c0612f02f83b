package org.pixelwake.timepix.io.file;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.calibration.EnergyCalibration;
import org.pixelwake.timepix.calibration.PixelMask;
import org.pixelwake.timepix.calibration.TimeWalk;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitSource;
import org.pixelwake.timepix.io.OpenOptions;

/// Opens the files of one format as a source.
public abstract class SourceOpener {
  /// Pixels along a side of one chip.
  public static final int SIDE = 256;

  public final String shown;
  public final FileTree tree;
  public final OpenOptions options;
  public final Tally tally;

  /// @param shown the path as the user gave it
  public SourceOpener(String shown, FileTree tree, OpenOptions options, Tally tally) {
    this.shown = shown;
    this.tree = tree;
    this.options = options;
    this.tally = tally;
  }

  /// Opens the files, at least one, as one source.
  ///
  /// @throws InputException where the first of them cannot be understood, or the options do not fit
  public abstract HitSource open(Format format, List<FileTree.Entry> files);

  /// The filter of the options.
  public final PixelFilter filter() {
    return filter(PixelMask.none());
  }

  /// The filter of the options, with these pixels masked too.
  public final PixelFilter filter(PixelMask more) {
    PixelMask mask = options.mask();
    return new PixelFilter(mask == null ? more : mask.and(more), options, tally);
  }

  /// What is known of the source, with the options that change its hits.
  ///
  /// @throws InputException where these do not fit
  public final SourceInfo info(
      Format format,
      String detector,
      String chip,
      int width,
      int height,
      boolean timed,
      EnergyUnit unit,
      Map<String, String> metadata) {
    Map<String, String> more = new LinkedHashMap<>(metadata);
    EnergyCalibration calibration = options.calibration();
    if (calibration != null) {
      checkFits(calibration, width, height, unit);
      more.put("Calibration", calibration.name());
    }
    EnergyUnit given = calibration == null ? unit : EnergyUnit.KEV;
    TimeWalk timeWalk = options.timeWalk();
    if (timeWalk != null) {
      checkFits(timeWalk, timed, given);
      more.put("Time walk", timeWalk.name());
    }
    Map<String, String> facts = Collections.unmodifiableMap(more);
    return new SourceInfo(shown, format.id(), detector, chip, width, height, timed, given, facts);
  }

  /// What is known of a source that does not name its chip.
  ///
  /// @param side columns and rows of the sensor
  public final SourceInfo byTimes(
      Format format, int side, boolean timed, EnergyUnit unit, Map<String, String> metadata) {
    return info(format, byTime(timed), "", side, side, timed, unit, metadata);
  }

  /// The detector of a source that does not name it: with times it is a Timepix3.
  public static String byTime(boolean timed) {
    return timed ? "Timepix3" : "unknown";
  }

  /// Columns and rows of a chip, or of a quad.
  public static int side(boolean quad) {
    return quad ? 2 * SIDE : SIDE;
  }

  private void checkFits(EnergyCalibration calibration, int width, int height, EnergyUnit unit) {
    if (unit == EnergyUnit.KEV) {
      throw new InputException(
          shown, "its energies are in keV already", "Leave out the calibration");
    }
    if (calibration.width() != width || calibration.height() != height) {
      throw new InputException(
          calibration.name(),
          "is of %d x %d pixels, the source of %d x %d"
              .formatted(calibration.width(), calibration.height(), width, height),
          "Give the calibration of the same sensor");
    }
  }

  private void checkFits(TimeWalk timeWalk, boolean timed, EnergyUnit unit) {
    if (!timed) {
      String problem = "it has no times of arrival to correct by " + timeWalk.name();
      throw new InputException(shown, problem, "Leave out the time walk");
    }
    if (unit != EnergyUnit.KEV) {
      throw new InputException(
          shown,
          "its energies are ToT, and time walk is a matter of energies in keV",
          "Give the calibration of the chip too");
    }
  }
}
