package org.pixelwake.timepix.simulation;

import java.util.Arrays;

/// Particles set free that wait to be followed, the last first. For one thread.
final class Waiting {
  /// Kinds of particles.
  static final int ELECTRON = 0;

  static final int POSITRON = 1;
  static final int PHOTON = 2;

  private static final int STATE = 8;

  private double[] states = new double[STATE * 64];
  private int size;

  // The particle that was taken last.
  int kind;
  double energyMeV;
  double x;
  double y;
  double z;
  final Direction direction = new Direction();

  void clear() {
    size = 0;
  }

  /// Adds a particle: its kinetic energy, its place, um, and its direction.
  void push(int newKind, double newMeV, double atX, double atY, double atZ, Direction along) {
    int at = STATE * size++;
    if (at == states.length) {
      states = Arrays.copyOf(states, 2 * at);
    }
    states[at] = newKind;
    states[at + 1] = newMeV;
    states[at + 2] = atX;
    states[at + 3] = atY;
    states[at + 4] = atZ;
    states[at + 5] = along.x;
    states[at + 6] = along.y;
    states[at + 7] = along.z;
  }

  /// Takes the last particle; false where none waits.
  boolean pop() {
    if (size == 0) {
      return false;
    }
    int at = STATE * --size;
    kind = (int) states[at];
    energyMeV = states[at + 1];
    x = states[at + 2];
    y = states[at + 3];
    z = states[at + 4];
    direction.set(states[at + 5], states[at + 6], states[at + 7]);
    return true;
  }
}
