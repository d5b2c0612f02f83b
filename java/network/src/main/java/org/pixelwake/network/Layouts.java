package org.pixelwake.network;

/// Order of image axes: PyTorch's files have channels first (NCHW), the kernels have them last
/// (NHWC).
public final class Layouts {
  private Layouts() {}

  /// From (n, c, h, w) to (n, h, w, c).
  public static float[] toNhwc(float[] nchw, long[] shape) {
    int n = (int) shape[0];
    int c = (int) shape[1];
    int area = Math.toIntExact(shape[2] * shape[3]);
    float[] nhwc = new float[nchw.length];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < c; k++) {
        for (int p = 0; p < area; p++) {
          nhwc[(i * area + p) * c + k] = nchw[(i * c + k) * area + p];
        }
      }
    }
    return nhwc;
  }
}
