package org.pixelwake.training;

/// Learning rate over a run: a linear rise, then half a cosine (Loshchilov & Hutter 2017, SGDR,
/// without restarts).
///
/// @param peak largest learning rate
/// @param floor last learning rate
/// @param warmup steps of the rise
/// @param total steps in all
public record Schedule(double peak, double floor, long warmup, long total) {
  static Schedule of(RunConfig config, long total) {
    long warmup = Math.round(config.warmup * total);
    return new Schedule(config.learningRate, config.learningRate * config.finalRate, warmup, total);
  }

  /// Learning rate of a step.
  ///
  /// @param step from 1 to `total`
  public double at(long step) {
    if (step <= warmup) {
      return peak * step / (double) warmup;
    }
    double progress = (step - warmup) / (double) Math.max(1, total - warmup);
    return floor + (peak - floor) * 0.5 * (1 + Math.cos(Math.PI * progress));
  }
}
