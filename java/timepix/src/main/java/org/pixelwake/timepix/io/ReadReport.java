package org.pixelwake.timepix.io;

import java.util.List;
import java.util.Map;

/// What a source has given so far, and what of it was left out and why. Final once the source has
/// ended.
///
/// @param hits hits handed out
/// @param frames frames passed, empty ones included; 0 in data-driven readout
/// @param emptyFrames frames without a hit
/// @param clusters clusters handed out by a source of ready clusters; else 0
/// @param markers rows that mark lost data (Overflow not 0); never hits
/// @param maskedHits hits of masked pixels, left out
/// @param invalidEnergies hits whose pixel has no usable calibration for their ToT; kept with
///   [org.pixelwake.timepix.calibration.EnergyCalibration#INVALID_KEV]
/// @param exposure sum of the exposures of the frames in ns; 0 where not told or data-driven
/// @param packets packets of a raw stream by kind
/// @param skipped what was left out, by reason
/// @param notices what the reader noticed and the user should know
public record ReadReport(
    long hits,
    long frames,
    long emptyFrames,
    long clusters,
    long markers,
    long maskedHits,
    long invalidEnergies,
    double exposure,
    Map<String, Long> packets,
    List<Skipped> skipped,
    List<String> notices) {

  /// Records left out for one reason.
  ///
  /// @param reason what is wrong with them
  /// @param count how many
  /// @param first file and line or byte of the first one
  /// @param malformed whether they count against the tolerance; else they are sound but no hits
  public record Skipped(String reason, long count, String first, boolean malformed) {}

  /// Records left out, of all reasons.
  public long skippedTotal() {
    return skipped.stream().mapToLong(Skipped::count).sum();
  }

  /// Malformed records, which count against the tolerance.
  public long malformed() {
    return skipped.stream().filter(Skipped::malformed).mapToLong(Skipped::count).sum();
  }
}
