package org.pixelwake.training;

import org.pixelwake.base.Philox;

/// The rotation and reflection that `pw_rasterize_forward` gives the image of a cluster in a step
/// of training, for labels that are turned with it.
final class Turn {
  private static final int QUARTERS = 3;
  private static final int REFLECTED = 4;

  private Turn() {}

  /// The azimuth that a direction has in the image: `draw & 3` quarter turns from the direction in
  /// which columns are counted to that of rows, then a reflection of the columns where `draw & 4`,
  /// drawn as kernels.h has it.
  ///
  /// @param id that keys the cluster's random numbers
  /// @param step index of the step
  /// @param phi degrees
  static float azimuth(long seed, long id, long step, float phi) {
    int[] words = new int[4];
    Philox.block(
        (int) id, (int) (id >>> 32), (int) step, -1, (int) seed, (int) (seed >>> 32), words, 0);
    float turned = phi + 90 * (words[0] & QUARTERS);
    return (words[0] & REFLECTED) != 0 ? 180 - turned : turned;
  }

  /// Turns a direction in an image back to that in the cluster.
  ///
  /// @param symmetry of the image, as [org.pixelwake.engine.op.Rasterize.Attributes] has it
  /// @param columns holds its cosine, and its sine behind it
  static void undo(int symmetry, float[] columns, int at) {
    float cosine = (symmetry & REFLECTED) != 0 ? -columns[at] : columns[at];
    float sine = columns[at + 1];
    for (int quarter = symmetry & QUARTERS; quarter > 0; quarter--) {
      float before = cosine;
      cosine = sine;
      sine = -before;
    }
    columns[at] = cosine;
    columns[at + 1] = sine;
  }
}
