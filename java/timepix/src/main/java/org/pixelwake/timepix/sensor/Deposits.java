package org.pixelwake.timepix.sensor;

import java.util.Arrays;

/// Where a track left energy in the sensitive layer: straight pieces, each with its energy spread
/// evenly over it. Coordinates in um, z from the face where particles enter.
public final class Deposits {
  private static final int COLUMNS = 7;

  private double[] values = new double[COLUMNS * 256];
  private int size;
  private double sumKeV;

  /// No deposits yet.
  public Deposits() {}

  public void clear() {
    size = 0;
    sumKeV = 0;
  }

  public void add(
      double x0, double y0, double z0, double x1, double y1, double z1, double energyKeV) {
    int at = COLUMNS * size;
    if (at == values.length) {
      values = Arrays.copyOf(values, 2 * at);
    }
    values[at] = x0;
    values[at + 1] = y0;
    values[at + 2] = z0;
    values[at + 3] = x1;
    values[at + 4] = y1;
    values[at + 5] = z1;
    values[at + 6] = energyKeV;
    size++;
    sumKeV += energyKeV;
  }

  public int size() {
    return size;
  }

  public double sumKeV() {
    return sumKeV;
  }

  /// A coordinate of the start of a piece, um: axis 0 to 2.
  double start(int piece, int axis) {
    return values[COLUMNS * piece + axis];
  }

  /// A coordinate of the end of a piece, um: axis 0 to 2.
  public double end(int piece, int axis) {
    return values[COLUMNS * piece + 3 + axis];
  }

  public double energyKeV(int piece) {
    return values[COLUMNS * piece + 6];
  }
}
