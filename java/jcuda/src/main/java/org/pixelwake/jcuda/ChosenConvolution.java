package org.pixelwake.jcuda;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The common part of the convolutions of both bindings: the algorithm of each pass.
abstract class ChosenConvolution implements CudnnConvolution {
  /// Most algorithms that cuDNN is asked for.
  static final int MOST = 8;

  final ConvolutionShape shape;
  private final Map<ConvolutionPass, Algorithm> chosen = new EnumMap<>(ConvolutionPass.class);

  ChosenConvolution(ConvolutionShape shape) {
    this.shape = shape;
  }

  /// The algorithms that cuDNN expects to be good, the best one first.
  abstract List<Algorithm> propose(ConvolutionPass pass);

  /// The algorithms as cuDNN has timed them, the fastest first; arguments as of [#tune].
  abstract List<Algorithm> measure(
      ConvolutionPass pass, long x, long w, long y, long workspace, long bytes);

  /// Bytes of scratch that an algorithm needs.
  abstract long size(ConvolutionPass pass, int algorithm);

  /// The algorithm of a pass.
  final Algorithm algorithm(ConvolutionPass pass) {
    Algorithm known = chosen.get(pass);
    return known == null ? choose(pass, propose(pass), Long.MAX_VALUE) : known;
  }

  private Algorithm choose(ConvolutionPass pass, List<Algorithm> among, long bytes) {
    Algorithm best = Algorithm.first(among, bytes, pass + " of " + shape);
    Algorithm taken = new Algorithm(best.number(), 0, size(pass, best.number()));
    chosen.put(pass, taken);
    return taken;
  }

  @Override
  public final long workspaceBytes(ConvolutionPass pass) {
    return algorithm(pass).workspace();
  }

  @Override
  public final void tune(ConvolutionPass pass, long x, long w, long y, long workspace, long bytes) {
    choose(pass, measure(pass, x, w, y, workspace, bytes), bytes);
  }
}
