package org.pixelwake.timepix.simulation;

/// A flat layer that particles pass, without end sideways.
///
/// @param material what it is of
/// @param thicknessUm thickness, um
/// @param sensitive whether charge set free in it is collected
public record MaterialLayer(Material material, double thicknessUm, boolean sensitive) {
  public MaterialLayer {
    if (!(thicknessUm > 0) || thicknessUm == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("a layer has a thickness: " + thicknessUm + " um");
    }
  }
}
