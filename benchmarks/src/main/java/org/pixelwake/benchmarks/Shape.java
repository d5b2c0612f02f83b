package org.pixelwake.benchmarks;

/// Size of a problem.
///
/// @param label as results write it
/// @param n images
/// @param h rows of the input
/// @param w columns of the input
/// @param in channels of the input
/// @param out channels of the output
record Shape(String label, int n, int h, int w, int in, int out) {
  static Shape of(int n, int h, int w, int in, int out) {
    String label = n + "x" + h + "x" + w + "x" + in;
    return new Shape(out == in ? label : label + " to " + out, n, h, w, in, out);
  }

  static Shape of(int n, int h, int w, int channels) {
    return of(n, h, w, channels, channels);
  }
}
