package org.pixelwake.timepix.sensor;

import java.util.Arrays;
import org.pixelwake.timepix.calibration.EnergyCalibration;
import org.pixelwake.timepix.calibration.PixelMask;

/// A Timepix or Timepix3 detector with a sensor that collects holes (p pixels in n silicon).
/// Particles enter through the common electrode; the pixels are on the far side.
///
/// @param chip how hits are measured
/// @param pixels pixels along a side
/// @param pitchUm pitch of the pixels, um
/// @param thicknessUm thickness of the sensor, um
/// @param biasV bias, V, above the depletion voltage
/// @param depletionV voltage at which the sensor is just depleted, V
/// @param mobilityUm2PerVNs mobility of holes, um2/(V ns); 45 is 450 cm2/(V s)
/// @param temperatureK temperature, K
/// @param repulsion how much the charge of dense tracks spreads by its own field: factor of the
///   variance of a free sphere of charge, 0 for none
/// @param thresholdKeV mean threshold, keV
/// @param thresholdSpreadKeV standard deviation of the pixels' thresholds, keV
/// @param noiseKeV electronic noise of a pixel, keV rms; 100 electrons are 0.36 keV
/// @param saturationKeV energy above which a pixel's ToT grows no more, keV
/// @param resolution standard deviation of the ToT of equal charges, beside that of the noise, as a
///   share of the energy
/// @param calibration the pixels' response, by which energy becomes ToT and again energy
/// @param calibrated whether hits have energies in keV rather than ToT in ticks
/// @param dead pixels that never respond
/// @param faults further pixels that do not respond, and noisy ones
public record Sensor(
    Chip chip,
    int pixels,
    double pitchUm,
    double thicknessUm,
    double biasV,
    double depletionV,
    double mobilityUm2PerVNs,
    double temperatureK,
    double repulsion,
    double thresholdKeV,
    double thresholdSpreadKeV,
    double noiseKeV,
    double saturationKeV,
    double resolution,
    EnergyCalibration calibration,
    boolean calibrated,
    PixelMask dead,
    PixelFaults faults) {

  // The free sphere alone makes clusters of alphas too small by a quarter, as the plasma delays the
  // collection and signals are induced on neighbours: fitted to the median size, 21 pixels, of
  // alphas of 5 to 6.5 MeV in 300 um at 155 V.
  private static final double MEASURED_REPULSION = 1.5;

  // With the clock's steps, and with what stays below the threshold in neighbours, it makes the
  // 2 keV that Timepix3 has at 60 keV (P. Manek et al., arXiv:2111.00624).
  private static final double TYPICAL_RESOLUTION = 0.025;

  /// How a chip measures.
  public enum Chip {
    /// Frames of ToT without times.
    TIMEPIX(11810),
    /// ToT and time of arrival of each hit: 25 ns, and 1.5625 ns by FToA.
    TIMEPIX3(1022);

    /// Greatest ToT, ticks.
    final int greatestToT;

    Chip(int greatestToT) {
      this.greatestToT = greatestToT;
    }
  }

  public Sensor {
    if (!(biasV > depletionV) || !(depletionV > 0)) {
      throw new IllegalArgumentException(
          "the sensor is to be depleted: bias " + biasV + " V, depletion " + depletionV + " V");
    }
    if (pixels < 1 || !(pitchUm > 0) || !(thicknessUm > 0) || !(thresholdKeV > 0)) {
      throw new IllegalArgumentException("pixels, pitch, thickness and threshold are above 0");
    }
    if (!(mobilityUm2PerVNs > 0) || !(temperatureK > 0) || !(repulsion >= 0)) {
      throw new IllegalArgumentException(
          "mobility and temperature are above 0, the repulsion is not below");
    }
    if (!(thresholdSpreadKeV >= 0) || !(noiseKeV >= 0) || !(saturationKeV > thresholdKeV)) {
      throw new IllegalArgumentException(
          "spread of the threshold and noise are not below 0, the saturation is above the"
              + " threshold");
    }
    if (!(resolution >= 0 && resolution < 1)) {
      throw new IllegalArgumentException("the resolution is from 0 to below 1: " + resolution);
    }
    if (calibration.width() != pixels || calibration.height() != pixels) {
      throw new IllegalArgumentException("the calibration is of another size than the sensor");
    }
  }

  /// Returns the sensor with hits in keV or in ToT.
  public Sensor withCalibrated(boolean inKeV) {
    return with(thicknessUm, biasV, depletionV, mobilityUm2PerVNs, calibration, inKeV, dead);
  }

  /// Returns the sensor at another bias, V.
  public Sensor withBias(double volts) {
    return withDrift(thicknessUm, volts, depletionV, mobilityUm2PerVNs);
  }

  /// Returns the sensor with what the drift of its charge depends on; see the components.
  public Sensor withDrift(double thickness, double bias, double depletion, double mobility) {
    return with(thickness, bias, depletion, mobility, calibration, calibrated, dead);
  }

  /// Returns the sensor with another mean threshold, keV.
  public Sensor withThreshold(double keV) {
    return new Sensor(
        chip,
        pixels,
        pitchUm,
        thicknessUm,
        biasV,
        depletionV,
        mobilityUm2PerVNs,
        temperatureK,
        repulsion,
        keV,
        thresholdSpreadKeV,
        noiseKeV,
        saturationKeV,
        resolution,
        calibration,
        calibrated,
        dead,
        faults);
  }

  /// Returns the sensor with these pixels dead.
  public Sensor withDead(PixelMask mask) {
    return with(thicknessUm, biasV, depletionV, mobilityUm2PerVNs, calibration, calibrated, mask);
  }

  /// Returns the sensor with another response of the pixels.
  public Sensor withCalibration(EnergyCalibration response) {
    return with(thicknessUm, biasV, depletionV, mobilityUm2PerVNs, response, calibrated, dead);
  }

  private Sensor with(
      double thickness,
      double bias,
      double depletion,
      double mobility,
      EnergyCalibration response,
      boolean inKeV,
      PixelMask mask) {
    return new Sensor(
        chip,
        pixels,
        pitchUm,
        thickness,
        bias,
        depletion,
        mobility,
        temperatureK,
        repulsion,
        thresholdKeV,
        thresholdSpreadKeV,
        noiseKeV,
        saturationKeV,
        resolution,
        response,
        inKeV,
        mask,
        faults);
  }

  /// Timepix3 on 300 um at 100 V with a threshold of 3 keV. Coefficients of the calibration and
  /// saturation are medians of measured chips.
  public static Sensor timepix3() {
    return usual(Chip.TIMEPIX3, 3, 0.2, 0.36, 600);
  }

  /// Timepix on 300 um at 100 V with a threshold of 5 keV, in frames of ToT.
  public static Sensor timepix() {
    return usual(Chip.TIMEPIX, 5, 0.3, 0.45, 2000);
  }

  private static Sensor usual(
      Chip chip, double threshold, double spread, double noise, double saturation) {
    return new Sensor(
        chip,
        256,
        55,
        300,
        100,
        40,
        45,
        293,
        MEASURED_REPULSION,
        threshold,
        spread,
        noise,
        saturation,
        TYPICAL_RESOLUTION,
        typical(),
        true,
        PixelMask.none(),
        PixelFaults.none());
  }

  private static EnergyCalibration typical() {
    int n = 256 * 256;
    return new EnergyCalibration(
        "typical", 256, 256, filled(n, 0.786), filled(n, 3.82), filled(n, 2.22), filled(n, 2.36));
  }

  private static double[] filled(int n, double value) {
    double[] values = new double[n];
    Arrays.fill(values, value);
    return values;
  }

  /// Time in ns that holes drift from a depth, um, below the entrance.
  ///
  /// The field falls linearly from the pixels, so that `t = d^2 / (2 mu Ud) ln((Ub + Ud) / (Ub + Ud
  /// - 2 Ud s / d))` for a way s to the pixels.
  public double driftNs(double depthUm) {
    double d = thicknessUm;
    double way = Math.clamp(d - depthUm, 0, d);
    double sum = biasV + depletionV;
    double scaleNs = d * d / (2 * mobilityUm2PerVNs * depletionV);
    return scaleNs * Math.log(sum / (sum - 2 * depletionV * way / d));
  }

  /// Standard deviation, um, to which a point of charge spreads by diffusion in a time, ns: `sqrt(2
  /// (kT / q) mu t)`.
  public double diffusionUm(double driftNs) {
    double thermalV = 8.617333e-5 * temperatureK;
    return Math.sqrt(2 * thermalV * mobilityUm2PerVNs * driftNs);
  }
}
