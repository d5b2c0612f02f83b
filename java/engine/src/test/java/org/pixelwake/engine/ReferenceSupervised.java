package org.pixelwake.engine;

import java.util.Random;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Operation;

/// The loss of classes and values, an image at a time.
final class ReferenceSupervised {
  private ReferenceSupervised() {}

  static Operation operation(Spec spec, Draw draw) {
    int n = spec.number("n");
    int classes = spec.number("c");
    int targets = spec.number("t");
    double scale = spec.has("large") ? 200 : 2;
    Random random = draw.random();
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      // A number of no class too, which is no label either.
      labels[i] = i == 0 || random.nextInt(6) == 0 ? -1 : random.nextInt(classes + 1);
    }
    Loss.Supervision a =
        new Loss.Supervision(
            classes, targets, spec.real("smooth", 0), 0.7f, 1.3f, spec.real("part", 0.6f), 0.125f);
    return new Loss.Supervised(
        a,
        draw.vector("output", 0, scale, n, a.outputs()),
        classes == 0 ? null : draw.raw("labels", 4 * n, labels),
        targets == 0 ? null : drawnValues(draw, n, targets),
        spec.has("weighted") ? draw.uniform("class weights", 0.2, 3, classes) : null,
        spec.has("no_doutput") ? null : draw.output("doutput", n, a.outputs()),
        draw.output("losses", 3),
        draw.output("columns", n, Loss.SUPERVISED_COLUMNS));
  }

  private static Tensor drawnValues(Draw draw, int n, int targets) {
    Tensor values = draw.vector("values", 0, 1, n, targets);
    double[] all = draw.values().get(values);
    for (int i = 0; i < all.length; i++) {
      if (i < targets || draw.random().nextInt(4) == 0) {
        all[i] = Double.NaN;
      }
    }
    return values;
  }

  static void forward(Loss.Supervised op, TensorValues v) {
    Loss.Supervision a = op.attributes();
    double[] losses = v.fresh(op.losses());
    double[] columns = v.fresh(op.columns());
    double[] gradient = new double[Math.toIntExact(op.output().elements())];
    for (int image = 0; image < op.output().dim(0); image++) {
      int row = image * Loss.SUPERVISED_COLUMNS;
      if (a.classes() > 0) {
        classes(op, v, image, columns, gradient);
      }
      if (a.targets() > 0) {
        values(op, v, image, columns, gradient);
      }
      losses[1] += a.scale() * columns[row];
      losses[2] += a.scale() * columns[row + 1];
    }
    losses[0] = a.classPart() * losses[1] + a.valuePart() * losses[2];
    if (op.doutput() != null) {
      v.put(op.doutput(), gradient);
    }
  }

  private static void classes(
      Loss.Supervised op, TensorValues v, int image, double[] columns, double[] gradient) {
    Loss.Supervision a = op.attributes();
    int label = v.ints(op.labels())[image];
    if (label < 0 || label >= a.classes()) {
      return;
    }
    double[] output = v.get(op.output());
    double[] weights = op.classWeights() == null ? null : v.get(op.classWeights());
    int at = image * a.outputs();
    double largest = Double.NEGATIVE_INFINITY;
    int best = 0;
    for (int c = 0; c < a.classes(); c++) {
      if (output[at + c] > largest) {
        largest = output[at + c];
        best = c;
      }
    }
    double sum = 0;
    for (int c = 0; c < a.classes(); c++) {
      sum += Math.exp(output[at + c] - largest);
    }
    int row = image * Loss.SUPERVISED_COLUMNS;
    for (int c = 0; c < a.classes(); c++) {
      double weight = weights == null ? 1 : weights[c];
      double target = a.labelSmoothing() / (double) a.classes();
      target += c == label ? 1 - (double) a.labelSmoothing() : 0;
      columns[row] += weight * target * (largest + Math.log(sum) - output[at + c]);
      // d(-log softmax(z)_c) / dz_k = softmax(z)_k - [c = k]
      for (int k = 0; k < a.classes(); k++) {
        double softmax = Math.exp(output[at + k] - largest) / sum;
        gradient[at + k] +=
            a.classPart() * (double) a.scale() * weight * target * (softmax - (c == k ? 1 : 0));
      }
    }
    columns[row + 2] = best == label ? 1 : 0;
    columns[row + 3] = Math.exp(output[at + label] - largest) / sum;
  }

  private static void values(
      Loss.Supervised op, TensorValues v, int image, double[] columns, double[] gradient) {
    Loss.Supervision a = op.attributes();
    double[] output = v.get(op.output());
    double[] values = v.get(op.values());
    double delta = a.huberDelta();
    for (int t = 0; t < a.targets(); t++) {
      double value = values[image * a.targets() + t];
      if (Double.isNaN(value)) {
        continue;
      }
      int at = image * a.outputs() + a.classes() + t;
      double d = output[at] - value;
      double loss = Math.abs(d) <= delta ? d * d / 2 : delta * (Math.abs(d) - delta / 2);
      columns[image * Loss.SUPERVISED_COLUMNS + 1] += loss / a.targets();
      gradient[at] =
          a.valuePart() * (double) a.scale() * Math.max(-delta, Math.min(delta, d)) / a.targets();
    }
  }
}
