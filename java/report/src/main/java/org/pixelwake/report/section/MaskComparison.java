package org.pixelwake.report.section;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.page.Arguments;
import org.pixelwake.report.plot.Figure;

/// Reconstructions over the iterations of two trainings, with the mask heads and without.
///
/// @param explanation one or two sentences, such as how sharpness is defined
/// @param fullScale energy that the square-root normalisation maps to 1: `E = fullScale * v * v`
/// @param energyUnit of `fullScale`, such as "keV" or "ToT"
/// @param iterations ascending
/// @param tracks the same clusters in both trainings
/// @param sharpness the number over the iterations, first the line with the mask heads, then the
///   one without; null for none
public record MaskComparison(
    String explanation,
    double fullScale,
    String energyUnit,
    List<Long> iterations,
    List<Pair> tracks,
    @Nullable Figure sharpness) {
  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException if a track lacks an iteration or iterations do not ascend
  public MaskComparison {
    iterations = List.copyOf(iterations);
    tracks = List.copyOf(tracks);
    Arguments.checkAscending("iterations", iterations.stream().mapToDouble(i -> i).toArray());
    for (Pair pair : tracks) {
      int n = iterations.size();
      boolean each = pair.with.size() == n && pair.without.size() == n;
      each &= pair.sharpnessWith.length == n && pair.sharpnessWithout.length == n;
      String problem = "%s: not one reconstruction and one sharpness for each iteration";
      Arguments.check(each, problem, pair.name);
    }
  }

  /// A cluster and what both networks made of it. All images have the same size.
  ///
  /// @param name such as "Track 3"
  /// @param caption what it is, such as "electron, 87 hits, 1.2 MeV"
  /// @param input energy channel as the networks saw it
  /// @param energy the whole energy image, the target
  /// @param with what the network with mask heads returned, one for each iteration
  /// @param without the energy of the network without them, one for each iteration
  /// @param sharpnessWith of `with`, one for each iteration; NaN where not measured
  /// @param sharpnessWithout of `without`, one for each iteration
  public record Pair(
      String name,
      String caption,
      FloatImage input,
      FloatImage energy,
      List<Track.Reconstruction> with,
      List<FloatImage> without,
      double[] sharpnessWith,
      double[] sharpnessWithout) {
    /// Copies the lists.
    ///
    /// @throws IllegalArgumentException if images differ in size
    public Pair {
      with = List.copyOf(with);
      without = List.copyOf(without);
      Track.checkSize(name, energy, input);
      with.forEach(r -> Track.checkSize(name, energy, r));
      Track.checkSize(name, energy, without.toArray(FloatImage[]::new));
    }
  }
}
