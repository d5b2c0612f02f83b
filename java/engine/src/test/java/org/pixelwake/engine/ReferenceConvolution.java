package org.pixelwake.engine;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.plan.Gradients;

/// Convolutions: pointwise, depthwise, dense and transposed alike.
final class ReferenceConvolution implements FamilyReference {
  ReferenceConvolution() {}

  @Override
  public Set<String> names() {
    return Set.of("pointwise", "depthwise", "dense");
  }

  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    return ConvolutionCases.operation(spec, draw, aliases);
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case Convolution.Forward op -> forward(op, v, rounds);
      case Convolution.Backward op -> backward(op, v, rounds);
      default -> throw FamilyReference.unknown(operation);
    }
  }

  /// One multiplication of a plane: an input pixel meets an output pixel through element `k` of the
  /// kernel; pixels are counted over all images.
  private interface Tap {
    void at(int in, int out, int k);
  }

  private static void forEachTap(Convolution.Attributes a, int n, int h, int w, Tap tap) {
    int oh = a.outputSide(h);
    int ow = a.outputSide(w);
    int kernel = a.kernel();
    int pad = (kernel - 1) / 2;
    // The side that is walked in steps of one, and the one it reaches into.
    int fromH = a.transposed() ? h : oh;
    int fromW = a.transposed() ? w : ow;
    int toH = a.transposed() ? oh : h;
    int toW = a.transposed() ? ow : w;
    for (int image = 0; image < n; image++) {
      for (int row = 0; row < fromH; row++) {
        for (int column = 0; column < fromW; column++) {
          for (int k = 0; k < kernel * kernel; k++) {
            int otherRow = row * a.stride() + k / kernel - pad;
            int otherColumn = column * a.stride() + k % kernel - pad;
            if (otherRow < 0 || otherRow >= toH || otherColumn < 0 || otherColumn >= toW) {
              continue;
            }
            int from = (image * fromH + row) * fromW + column;
            int to = (image * toH + otherRow) * toW + otherColumn;
            tap.at(a.transposed() ? from : to, a.transposed() ? to : from, k);
          }
        }
      }
    }
  }

  /// Where a weight lies, by PyTorch's layout.
  private record Weights(Convolution.Attributes a, int in, int out) {
    int index(int i, int o, int k) {
      int plane = a.kernel() * a.kernel();
      return (a.transposed() ? i * out + o : o * in + i) * plane + k;
    }

    boolean depthwise() {
      return a.family() == Convolution.Family.DEPTHWISE;
    }
  }

  /// The operands of a product as a backend multiplies them that rounds them first.
  private static double[] operand(
      double[] values, Convolution.Attributes a, Storage storage, boolean rounds) {
    if (!rounds || storage != Storage.BF16 || a.family() != Convolution.Family.POINTWISE) {
      return values;
    }
    return Arrays.stream(values).map(value -> TensorValues.round(value, storage)).toArray();
  }

  static void forward(Convolution.Forward op, TensorValues v, boolean rounds) {
    View x = op.x();
    int in = x.c();
    int out = op.y().dim(3);
    Storage storage = x.data().storage();
    double[] a = operand(ReferenceBatchNorm.transformed(x, v), op.attributes(), storage, rounds);
    double[] weight = operand(v.get(op.weight()), op.attributes(), storage, rounds);
    double[] y = v.fresh(op.y());
    Weights weights = new Weights(op.attributes(), in, out);
    int plane = op.attributes().kernel() * op.attributes().kernel();
    forEachTap(
        op.attributes(),
        x.n(),
        x.h(),
        x.w(),
        (from, to, k) -> {
          for (int o = 0; o < out; o++) {
            if (weights.depthwise()) {
              y[to * out + o] += weight[o * plane + k] * a[from * in + o];
              continue;
            }
            for (int i = 0; i < in; i++) {
              y[to * out + o] += weight[weights.index(i, o, k)] * a[from * in + i];
            }
          }
        });
    if (op.bias() != null) {
      double[] bias = v.get(op.bias());
      for (int i = 0; i < y.length; i++) {
        y[i] += bias[i % out];
      }
    }
    if (op.stats() != null) {
      statistics(y, out, v.fresh(op.stats()));
    }
  }

  private static void statistics(double[] y, int c, double[] stats) {
    double count = (double) y.length / c;
    for (int i = 0; i < y.length; i++) {
      stats[i % c] += y[i] / count;
    }
    for (int i = 0; i < y.length; i++) {
      double deviation = y[i] - stats[i % c];
      stats[c + i % c] += deviation * deviation / count;
    }
  }

  /// dL/dy of the raw output.
  private static double[] rawGradient(Convolution.Backward op, TensorValues v) {
    Gradients.OfRaw of = op.dy();
    double[] raw = v.get(of.dy()).clone();
    if (of.kind() == Gradients.Kind.PLAIN) {
      return raw;
    }
    double[] y = v.get(op.y());
    double[] coef = v.get(of.coef());
    int c = op.y().dim(3);
    int plane = raw.length / op.y().dim(0);
    SiteValues sites = SiteValues.of(of.sites(), op.y().dim(0), plane / c, v);
    for (int i = 0; i < raw.length; i++) {
      int channel = i % c;
      double dz = raw[i];
      if (of.kind() == Gradients.Kind.BN_SILU_GATE) {
        int at = i / plane * c + channel;
        double pooled = sites.active()[i / c] ? v.get(of.dpool())[at] : 0;
        double da = raw[i] * v.get(of.gate())[at] + pooled;
        dz = da * Reference.siluSlope(ReferenceBatchNorm.Vectors.of(of.bn(), v).z(y[i], channel));
      } else if (of.keep() != null) {
        dz *= v.get(of.keep())[i / plane];
      }
      raw[i] = coef[channel] * dz + coef[c + channel] * y[i] + coef[2 * c + channel];
    }
    return raw;
  }

  static void backward(Convolution.Backward op, TensorValues v, boolean rounds) {
    View x = op.x();
    int in = x.c();
    int out = op.y().dim(3);
    Storage storage = x.data().storage();
    double[] a = operand(ReferenceBatchNorm.transformed(x, v), op.attributes(), storage, rounds);
    double[] weight = operand(v.get(op.weight()), op.attributes(), storage, rounds);
    double[] raw = operand(rawGradient(op, v), op.attributes(), storage, rounds);
    double[] g = new double[a.length];
    double[] dw = new double[weight.length];
    Weights weights = new Weights(op.attributes(), in, out);
    int plane = op.attributes().kernel() * op.attributes().kernel();
    forEachTap(
        op.attributes(),
        x.n(),
        x.h(),
        x.w(),
        (from, to, k) -> {
          for (int o = 0; o < out; o++) {
            double dy = raw[to * out + o];
            if (weights.depthwise()) {
              g[from * in + o] += weight[o * plane + k] * dy;
              dw[o * plane + k] += a[from * in + o] * dy;
              continue;
            }
            for (int i = 0; i < in; i++) {
              g[from * in + i] += weight[weights.index(i, o, k)] * dy;
              dw[weights.index(i, o, k)] += a[from * in + i] * dy;
            }
          }
        });
    if (op.dweight() != null) {
      v.put(op.dweight(), dw);
    }
    if (op.dbias() != null) {
      double[] dbias = v.fresh(op.dbias());
      for (int i = 0; i < raw.length; i++) {
        dbias[i % out] += raw[i];
      }
    }
    if (op.dx() != null) {
      inputGradient(op, g, v);
    }
  }

  private static void inputGradient(Convolution.Backward op, double[] g, TensorValues v) {
    View x = op.x();
    if (op.addend() != null) {
      double[] addend = v.get(op.addend());
      for (int i = 0; i < g.length; i++) {
        g[i] += addend[i];
      }
    }
    v.put(op.dx(), g);
    if (x.transform() == Transform.NONE) {
      return;
    }
    double[] raw = v.get(x.data());
    ReferenceBatchNorm.Vectors bn = ReferenceBatchNorm.Vectors.of(x.bn(), v);
    double[] sums = v.fresh(op.sums());
    int c = x.c();
    int plane = g.length / x.n();
    int images = x.n() * c;
    for (int i = 0; i < g.length; i++) {
      int channel = i % c;
      double z = bn.z(raw[i], channel);
      double xhat = bn.xhat(raw[i], channel);
      double slope = Reference.siluSlope(z);
      if (x.transform() == Transform.BN_SILU) {
        g[i] *= slope;
        sums[channel] += g[i];
        sums[c + channel] += g[i] * xhat;
      } else {
        int at = i / plane * c + channel;
        sums[at] += g[i] * Reference.silu(z);
        sums[images + at] += g[i] * slope;
        sums[2 * images + at] += g[i] * slope * xhat;
      }
    }
  }
}
