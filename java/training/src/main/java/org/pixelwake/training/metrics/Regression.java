package org.pixelwake.training.metrics;

/// How well a quantity is estimated, with intervals.
///
/// @param count number of clusters
/// @param meanAbsoluteError mean of |estimate - truth|
/// @param rootMeanSquareError root of the mean of its square
/// @param bias mean of estimate - truth
/// @param r2 coefficient of determination, 1 - (sum of squared errors) / (sum of squared deviations
///   of the truth from its mean): 1 where all is right, 0 for the mean, below where it is worse
///   than the mean; NaN where the truth is the same for all
public record Regression(
    int count,
    Estimate meanAbsoluteError,
    Estimate rootMeanSquareError,
    Estimate bias,
    Estimate r2) {
  /// All figures.
  ///
  /// @throws IllegalArgumentException where the sizes differ, there are no clusters or a value is
  ///   not finite
  public static Regression of(double[] truth, double[] estimate, Bootstrap bootstrap) {
    Samples.checkPairs(truth, estimate);
    int n = truth.length;
    // Deviations from the mean lose no digits to a large common value.
    double shift = Samples.mean(truth);
    Estimate[] all =
        bootstrap.estimates(
            n,
            4,
            (weights, out) -> {
              double absolute = 0;
              double squares = 0;
              double sum = 0;
              double truths = 0;
              double truthSquares = 0;
              double count = 0;
              for (int i = 0; i < n; i++) {
                double weight = weights[i];
                double error = estimate[i] - truth[i];
                double deviation = truth[i] - shift;
                absolute += weight * Math.abs(error);
                squares += weight * error * error;
                sum += weight * error;
                truths += weight * deviation;
                truthSquares += weight * deviation * deviation;
                count += weight;
              }
              double spread = truthSquares - truths * truths / count;
              out[0] = absolute / count;
              out[1] = Math.sqrt(squares / count);
              out[2] = sum / count;
              out[3] = spread > 0 ? 1 - squares / spread : Double.NaN;
            });
    return new Regression(n, all[0], all[1], all[2], all[3]);
  }
}
