package org.pixelwake.report.section;

import java.util.List;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.page.Arguments;

/// Reconstructions of the same held-out clusters at several iterations.
///
/// @param explanation one sentence beyond the standard one, such as the share of hits that was
///   masked; may be empty
/// @param fullScale energy that the square-root normalisation maps to 1, so that `E = fullScale * v
///   * v` @param energyUnit of `fullScale`, such as "keV" or "ToT"
/// @param iterations ascending; the last is called the final one
/// @param tracks each with one reconstruction for each iteration
public record Gallery(
    String explanation,
    double fullScale,
    String energyUnit,
    List<Long> iterations,
    List<Track> tracks) {
  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException if a track lacks a reconstruction or iterations do not ascend
  public Gallery {
    iterations = List.copyOf(iterations);
    tracks = List.copyOf(tracks);
    Arguments.checkAscending("iterations", iterations.stream().mapToDouble(i -> i).toArray());
    for (Track track : tracks) {
      int count = track.reconstructions().size();
      String problem = "%s: %d reconstructions for %d iterations";
      Arguments.check(count == iterations.size(), problem, track.name(), count, iterations.size());
    }
  }
}
