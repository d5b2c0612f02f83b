package org.pixelwake.timepix.io;

import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.calibration.EnergyCalibration;
import org.pixelwake.timepix.calibration.PixelMask;
import org.pixelwake.timepix.calibration.TimeWalk;
import org.pixelwake.timepix.sensor.Sensor;

/// How to open a source of hits.
///
/// @param format the format to read it as; empty to find it by content
/// @param calibration turns ToT to keV as the hits are read; null to leave them as they are
/// @param timeWalk taken off the times of arrival as the hits are read, which need energies in keV;
///   null to leave the times as they are
/// @param sensor whose response turns energy that another program has deposited into hits; null
///   where there is none, and then such files are refused
/// @param mask pixels whose hits are left out; null for none
/// @param maskFromSource whether the `masked_pixels.txt` beside frames are obeyed too
/// @param layout arrangement of chips
/// @param columnPhase whether to add the phase of the double column's clock, ((x/2) mod 16, or 16
///   for 0) * 1.5625 ns, to the time of raw `.tpx3` pixels. Off, because it is right only for a
///   readout that has not compensated it: in measured Serval data neighbouring columns agree
///   without it
/// @param tolerance share of malformed records that is skipped and counted; a source with more is
///   refused
/// @param tdc receives the TDC packets of a raw `.tpx3` stream as they are passed
public record OpenOptions(
    Optional<Format> format,
    @Nullable EnergyCalibration calibration,
    @Nullable TimeWalk timeWalk,
    @Nullable Sensor sensor,
    @Nullable PixelMask mask,
    boolean maskFromSource,
    ChipLayout layout,
    boolean columnPhase,
    double tolerance,
    Consumer<TdcEvent> tdc) {

  private static final OpenOptions DEFAULTS =
      new OpenOptions(
          Optional.empty(),
          null,
          null,
          null,
          null,
          true,
          ChipLayout.AUTO,
          false,
          0.05,
          event -> {});

  public OpenOptions {
    if (!(tolerance >= 0 && tolerance <= 1)) {
      throw new IllegalArgumentException("tolerance is a share of 0 to 1: " + tolerance);
    }
  }

  /// Format by content, no calibration, masked pixels of the source only, 5 % tolerance.
  public static OpenOptions defaults() {
    return DEFAULTS;
  }

  /// Returns these options with this format forced; null to find it by content.
  public OpenOptions withFormat(@Nullable Format value) {
    return with(draft -> draft.format = Optional.ofNullable(value));
  }

  /// The same with this calibration.
  public OpenOptions withCalibration(@Nullable EnergyCalibration value) {
    return with(draft -> draft.calibration = value);
  }

  /// The same with this time walk taken off.
  public OpenOptions withTimeWalk(@Nullable TimeWalk value) {
    return with(draft -> draft.timeWalk = value);
  }

  /// The same with deposits in this sensor.
  public OpenOptions withSensor(@Nullable Sensor value) {
    return with(draft -> draft.sensor = value);
  }

  /// The same with these pixels masked.
  public OpenOptions withMask(@Nullable PixelMask value) {
    return with(draft -> draft.mask = value);
  }

  /// The same, obeying the source's own masked pixels or not.
  public OpenOptions withMaskFromSource(boolean value) {
    return with(draft -> draft.maskFromSource = value);
  }

  /// The same with this arrangement of chips.
  public OpenOptions withLayout(ChipLayout value) {
    return with(draft -> draft.layout = value);
  }

  /// The same, adding the phase of the column clock or not.
  public OpenOptions withColumnPhase(boolean value) {
    return with(draft -> draft.columnPhase = value);
  }

  /// The same with this share of malformed records tolerated.
  public OpenOptions withTolerance(double value) {
    return with(draft -> draft.tolerance = value);
  }

  /// The same with this receiver of TDC packets.
  public OpenOptions withTdc(Consumer<TdcEvent> value) {
    return with(draft -> draft.tdc = value);
  }

  private OpenOptions with(Consumer<Draft> change) {
    Draft d = new Draft(this);
    change.accept(d);
    return new OpenOptions(
        d.format,
        d.calibration,
        d.timeWalk,
        d.sensor,
        d.mask,
        d.maskFromSource,
        d.layout,
        d.columnPhase,
        d.tolerance,
        d.tdc);
  }

  /// Options that are being changed.
  private static final class Draft {
    Optional<Format> format;
    @Nullable EnergyCalibration calibration;
    @Nullable TimeWalk timeWalk;
    @Nullable Sensor sensor;
    @Nullable PixelMask mask;
    boolean maskFromSource;
    ChipLayout layout;
    boolean columnPhase;
    double tolerance;
    Consumer<TdcEvent> tdc;

    Draft(OpenOptions of) {
      format = of.format;
      calibration = of.calibration;
      timeWalk = of.timeWalk;
      sensor = of.sensor;
      mask = of.mask;
      maskFromSource = of.maskFromSource;
      layout = of.layout;
      columnPhase = of.columnPhase;
      tolerance = of.tolerance;
      tdc = of.tdc;
    }
  }
}
