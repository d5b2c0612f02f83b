package org.pixelwake.engine;

import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Operation;

/// The autoencoder's loss, an image at a time.
final class ReferenceLoss implements FamilyReference {
  ReferenceLoss() {}

  @Override
  public Set<String> names() {
    return Set.of("loss");
  }

  /// `loss autoencoder nXhXwX STORAGE [plain] [no_empty] [large] [no_doutput]`; `no_empty`: only
  /// hit pixels count, and the first image has none; `large`: logits that overflow a naive
  /// exponential.
  ///
  /// `global=G`: images of all processes, n of which are here.
  ///
  /// `loss supervised nXcXtX [smooth=S] [part=P] [weighted] [large] [no_doutput]`: c classes and t
  /// targets; some labels and values are missing, all of the first image's.
  ///
  /// `loss hits nX [global=G] [large] [no_doutput]`: clusters as those of [ReferenceHits]; most
  /// targets are missing, all of the second cluster that has hits.
  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    return switch (spec.function()) {
      case "autoencoder" -> autoencoder(spec, draw);
      case "supervised" -> ReferenceSupervised.operation(spec, draw);
      case "hits" -> ReferenceHitsLoss.operation(spec, draw);
      default -> throw spec.unknown();
    };
  }

  private static Operation autoencoder(Spec spec, Draw draw) {
    int n = spec.number("n");
    int h = spec.number("h");
    int w = spec.number("w");
    boolean onlyHits = spec.has("no_empty");
    double scale = spec.has("large") ? 100 : 2;
    Random random = draw.random();
    Tensor output =
        draw.input("output", spec.storage(), () -> scale * random.nextGaussian(), n, h, w, 5);
    Tensor target = draw.input("target", spec.storage(), () -> 0, n, h, w, 3);
    double[] t = draw.values().get(target);
    for (int i = 0; i < t.length; i += 3) {
      boolean inside = random.nextInt(3) == 0 && !(onlyHits && i < t.length / n);
      t[i] = inside ? TensorValues.round(0.01 + random.nextDouble(), spec.storage()) : 0;
      t[i + 1] = inside ? TensorValues.round(random.nextDouble(), spec.storage()) : 0;
      t[i + 2] = inside && random.nextBoolean() ? 1 : 0;
    }
    Loss.Weights mixed = new Loss.Weights(1.5f, 0.7f, 0.9f, 2, 0.5f, 3, 0.8f, 1.2f, 0.6f);
    Loss.Weights hits = new Loss.Weights(1.5f, 0.7f, 0.9f, 2, 0, 3, 0, 1.2f, 0.6f);
    Loss.Weights weights = spec.has("plain") ? Loss.Weights.PLAIN : onlyHits ? hits : mixed;
    return new Loss.Autoencoder(
        weights,
        Math.round(spec.real("global", 0)),
        output,
        target,
        spec.has("no_doutput") ? null : draw.output("doutput", spec.storage(), n, h, w, 5),
        draw.output("losses", 4),
        draw.output("columns", n, Loss.COLUMNS));
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case Loss.Autoencoder op -> forward(op, v);
      case Loss.Supervised op -> ReferenceSupervised.forward(op, v);
      case Loss.OfHits op -> ReferenceHitsLoss.forward(op, v);
      default -> throw FamilyReference.unknown(operation);
    }
  }

  private static final int OUT = 5;
  private static final int IN = 3;

  static void forward(Loss.Autoencoder op, TensorValues v) {
    int n = op.output().dim(0);
    int images = op.global() > 0 ? op.global() : n;
    double[] losses = v.fresh(op.losses());
    double[] columns = v.fresh(op.columns());
    double[] gradient = new double[Math.toIntExact(op.output().elements())];
    Loss.Weights weights = op.weights();
    for (int image = 0; image < n; image++) {
      Image one = new Image(op, v, image);
      one.squaredError(columns, gradient);
      one.mask(3, weights.cluster(), columns, 1, 5, gradient);
      one.mask(4, weights.threshold(), columns, 2, 7, gradient);
      for (int k = 0; k < 3; k++) {
        losses[1 + k] += columns[image * Loss.COLUMNS + k] / images;
      }
    }
    losses[0] =
        weights.image() * losses[1]
            + weights.cluster() * losses[2]
            + weights.threshold() * losses[3];
    if (op.doutput() != null) {
      v.put(op.doutput(), gradient);
    }
  }

  private static final class Image {
    private final Loss.Weights weights;
    private final double[] output;
    private final double[] target;
    private final int image;
    private final int images;
    private final int pixels;

    Image(Loss.Autoencoder op, TensorValues v, int image) {
      this.weights = op.weights();
      this.output = v.get(op.output());
      this.target = v.get(op.target());
      this.image = image;
      this.images = op.global() > 0 ? op.global() : op.output().dim(0);
      this.pixels = op.output().dim(1) * op.output().dim(2);
    }

    private int out(int pixel, int channel) {
      return (image * pixels + pixel) * OUT + channel;
    }

    private double target(int pixel, int channel) {
      return target[(image * pixels + pixel) * IN + channel];
    }

    private double weight(int pixel) {
      return target(pixel, 0) > 0 ? weights.hit() : weights.empty();
    }

    void squaredError(double[] columns, double[] gradient) {
      double weight = 0;
      double weighted = 0;
      double plain = 0;
      double empty = 0;
      for (int p = 0; p < pixels; p++) {
        weight += weight(p);
        for (int k = 0; k < IN; k++) {
          double difference = output[out(p, k)] - target(p, k);
          weighted += weight(p) * difference * difference / IN;
          plain += difference * difference / (IN * pixels);
          empty += target(p, k) * target(p, k) / (IN * pixels);
        }
      }
      int row = image * Loss.COLUMNS;
      columns[row] = weight > 0 ? weighted / weight : 0;
      columns[row + 3] = plain;
      columns[row + 4] = empty;
      for (int p = 0; p < pixels && weight > 0; p++) {
        for (int k = 0; k < IN; k++) {
          double difference = output[out(p, k)] - target(p, k);
          gradient[out(p, k)] =
              weights.image() * 2 * weight(p) * difference / (IN * weight * images);
        }
      }
    }

    /// A mask's target is 0 or 1.
    private double present(int pixel, int logit) {
      return logit == 3 ? (target(pixel, 0) > 0 ? 1 : 0) : target(pixel, 2);
    }

    private double maskWeight(int pixel, int logit) {
      return present(pixel, logit) > 0.5 ? weights.maskHit() : weights.maskEmpty();
    }

    void mask(int logit, double share, double[] columns, int column, int intersection, double[] d) {
      double weight = 0;
      double entropy = 0;
      double overlap = 0;
      double predicted = 0;
      double all = 0;
      int row = image * Loss.COLUMNS;
      for (int p = 0; p < pixels; p++) {
        double z = output[out(p, logit)];
        double t = present(p, logit);
        double q = Reference.sigmoid(z);
        weight += maskWeight(p, logit);
        entropy +=
            maskWeight(p, logit) * (Math.max(z, 0) - z * t + Math.log1p(Math.exp(-Math.abs(z))));
        overlap += q * t;
        predicted += q;
        all += t;
        columns[row + intersection] += z > 0 && t > 0.5 ? 1 : 0;
        columns[row + intersection + 1] += z > 0 || t > 0.5 ? 1 : 0;
      }
      double numerator = 2 * overlap + 1;
      double denominator = predicted + all + 1;
      columns[row + column] =
          (weight > 0 ? weights.bce() * entropy / weight : 0)
              + weights.dice() * (1 - numerator / denominator);
      for (int p = 0; p < pixels; p++) {
        double t = present(p, logit);
        double q = Reference.sigmoid(output[out(p, logit)]);
        double bce = weight > 0 ? weights.bce() * maskWeight(p, logit) * (q - t) / weight : 0;
        double ratio = (2 * t * denominator - numerator) / (denominator * denominator);
        d[out(p, logit)] = share * (bce - weights.dice() * ratio * q * (1 - q)) / images;
      }
    }
  }
}
