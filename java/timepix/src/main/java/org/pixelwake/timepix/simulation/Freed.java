package org.pixelwake.timepix.simulation;

/// A particle that is to be followed: one that comes in, or one set free that waits for its turn.
///
/// @param particle its kind
/// @param energyMeV its kinetic energy, MeV
/// @param x um across the stack, as y
/// @param z um from the first face
/// @param direction its direction, not changed afterwards
record Freed(
    Particle particle, double energyMeV, double x, double y, double z, Direction direction) {}
