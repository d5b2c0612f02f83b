package org.pixelwake.jcuda;

import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;

/// A convolution by its definition, in double precision, on operands of the processor's.
final class DirectSums implements Side {
  private final Device device;
  private final Operands o;

  DirectSums(Device device, Operands operands) {
    this.device = device;
    this.o = operands;
  }

  /// One product that a convolution adds up, by the indices of its factors and of its sum.
  private interface Product {
    void at(int x, int w, int y);
  }

  private void all(Product product) {
    ConvolutionLayer l = o.layer;
    int k = l.attributes().kernel();
    int stride = l.attributes().stride();
    int perGroup = o.weight.length / (l.cOut() * k * k);
    for (int n = 0; n < l.n(); n++) {
      for (int row = 0; row < l.ho(); row++) {
        for (int column = 0; column < l.wo(); column++) {
          for (int p = 0; p < k * k; p++) {
            int h = row * stride + p / k - k / 2;
            int w = column * stride + p % k - k / 2;
            if (h < 0 || h >= l.h() || w < 0 || w >= l.w()) {
              continue;
            }
            int x = ((n * l.h() + h) * l.w() + w) * l.cIn();
            int y = ((n * l.ho() + row) * l.wo() + column) * l.cOut();
            for (int out = 0; out < l.cOut(); out++) {
              for (int in = 0; in < perGroup; in++) {
                int channel = perGroup == 1 && l.cIn() == l.cOut() ? out : in;
                product.at(x + channel, (out * k * k + p) * perGroup + in, y + out);
              }
            }
          }
        }
      }
    }
  }

  private float[] read(Memory memory) {
    return DeviceValues.download(device, memory, o.type);
  }

  private void write(double[] sums, Memory memory, ElementType type) {
    float[] values = new float[sums.length];
    for (int i = 0; i < sums.length; i++) {
      values[i] = (float) sums[i];
    }
    try (Memory rounded = DeviceValues.upload(device, values, type)) {
      device.copy(rounded.address(), memory.address(), memory.bytes());
    }
  }

  @Override
  public void forward() {
    float[] x = read(o.x);
    float[] w = read(o.filter);
    double[] y = new double[o.layer.outputElements()];
    all((ix, iw, iy) -> y[iy] += (double) x[ix] * w[iw]);
    write(y, o.theirs.y(), o.type);
  }

  @Override
  public void backward() {
    float[] x = read(o.x);
    float[] w = read(o.filter);
    float[] dy = read(o.dy);
    double[] dx = new double[o.layer.inputElements()];
    double[] dw = new double[o.layer.weightElements()];
    all((ix, iw, iy) -> {
      dx[ix] += (double) dy[iy] * w[iw];
      dw[iw] += (double) dy[iy] * x[ix];
    });
    write(dx, o.theirs.dx(), o.type);
    write(dw, o.theirs.dw(), ElementType.F32);
  }

  @Override
  public void close() {}
}
