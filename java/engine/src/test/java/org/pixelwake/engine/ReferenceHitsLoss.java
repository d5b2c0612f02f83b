package org.pixelwake.engine;

import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Operation;

/// The loss of an autoencoder over hits, a number at a time.
final class ReferenceHitsLoss {
  private static final int HEADS = Loss.HIT_HEADS;
  private static final int PARTS = 3;

  private ReferenceHitsLoss() {}

  static Operation operation(Spec spec, Draw draw) {
    ReferenceHits.Clusters clusters = new ReferenceHits.Clusters(spec, draw);
    double scale = spec.has("large") ? 200 : 2;
    Tensor target = draw.vector("target", 0, 1.5, clusters.hits, HEADS);
    double[] t = draw.values().get(target);
    for (int i = 0; i < t.length; i++) {
      // The first cluster is a single hit, of which nothing is asked.
      if (i < HEADS || draw.random().nextInt(3) == 0) {
        t[i] = Double.NaN;
      } else if (part(i) > 0) {
        t[i] = draw.random().nextInt(2);
      }
    }
    return new Loss.OfHits(
        new Loss.HitWeights(1.3f, 0.7f, 0.4f, 0.9f),
        Math.round(spec.real("global", 0)),
        clusters.offsets,
        draw.vector("output", 0, scale, clusters.hits, HEADS),
        target,
        spec.has("no_doutput") ? null : draw.output("doutput", clusters.hits, HEADS),
        draw.output("losses", 1 + PARTS),
        draw.output("columns", clusters.n, Loss.HIT_COLUMNS));
  }

  // Energy and time are 0, the places around a hit 1, the threshold 2.
  private static int part(int index) {
    int column = index % HEADS;
    return column < 2 ? 0 : column < HEADS - 1 ? 1 : 2;
  }

  static void forward(Loss.OfHits op, TensorValues v) {
    Loss.HitWeights w = op.weights();
    double[] weights = {w.image(), w.cluster(), w.threshold()};
    double[] output = v.get(op.output());
    double[] target = v.get(op.target());
    int[] offsets = v.ints(op.offsets());
    int n = offsets.length - 1;
    double clusters = op.global() > 0 ? op.global() : n;
    double[] losses = v.fresh(op.losses());
    double[] columns = v.fresh(op.columns());
    double[] gradient = new double[output.length];
    for (int cluster = 0; cluster < n; cluster++) {
      int from = HEADS * offsets[cluster];
      int to = HEADS * offsets[cluster + 1];
      int[] known = new int[PARTS];
      for (int i = from; i < to; i++) {
        known[part(i)] += Double.isNaN(target[i]) ? 0 : 1;
      }
      for (int i = from; i < to; i++) {
        if (!Double.isNaN(target[i])) {
          int p = part(i);
          double loss = p == 0 ? huber(output[i] - target[i], w) : entropy(output[i], target[i]);
          columns[PARTS * cluster + p] += loss / known[p];
          double slope =
              p == 0
                  ? Math.clamp(output[i] - target[i], -(double) w.huberDelta(), w.huberDelta())
                  : Reference.sigmoid(output[i]) - target[i];
          gradient[i] = weights[p] * slope / (known[p] * clusters);
        }
      }
      for (int p = 0; p < PARTS; p++) {
        losses[1 + p] += columns[PARTS * cluster + p] / clusters;
        losses[0] += weights[p] * columns[PARTS * cluster + p] / clusters;
      }
    }
    if (op.doutput() != null) {
      v.put(op.doutput(), gradient);
    }
  }

  private static double huber(double difference, Loss.HitWeights w) {
    double delta = w.huberDelta();
    double size = Math.abs(difference);
    return size <= delta ? size * size / 2 : delta * (size - delta / 2);
  }

  private static double entropy(double logit, double target) {
    return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
  }
}
