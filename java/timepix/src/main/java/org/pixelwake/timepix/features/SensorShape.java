package org.pixelwake.timepix.features;

/// The sensor that clusters are from.
///
/// @param width columns
/// @param height rows
/// @param pitchUm length of a pixel, um
/// @param thicknessUm thickness of the sensor, um
public record SensorShape(int width, int height, double pitchUm, double thicknessUm) {
  public SensorShape {
    if (width < 1 || height < 1 || !(pitchUm > 0) || !(thicknessUm > 0)) {
      throw new IllegalArgumentException(
          "a sensor has pixels and a thickness: %s x %s, %s um, %s um"
              .formatted(width, height, pitchUm, thicknessUm));
    }
  }
}
