/// Monte Carlo of charged particles and photons in silicon and of the response of a Timepix sensor.
///
/// Energies are MeV (of particles) or keV (of deposits), lengths um, mass thicknesses g/cm2, times
/// ns, and every name says which.
@org.jspecify.annotations.NullMarked
package org.pixelwake.timepix.simulation;
