package org.pixelwake.jcuda;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Convolution.Family;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.network.Architecture;
import org.pixelwake.network.Network;

/// A convolution of a network, with its size.
///
/// @param n images
/// @param h rows of the input
/// @param w columns of the input
record ConvolutionLayer(Convolution.Attributes attributes, int n, int h, int w, int cIn, int cOut) {
  private static final int CHANNELS = 3;

  /// The distinct pointwise and depthwise convolutions of an architecture's encoder, in the order
  /// in which they come; for images of that side.
  static List<ConvolutionLayer> of(Architecture architecture, int side, int batch) {
    Network network = Network.classifier(architecture, 2);
    Graph graph = new Graph(network.layout(), false, Storage.F32);
    network.encode(graph, graph.input("images", Storage.F32, batch, side, side, CHANNELS), null);
    Set<ConvolutionLayer> layers = new LinkedHashSet<>();
    for (Operation operation : graph.operations()) {
      if (operation instanceof Convolution.Forward f && f.attributes().family() != Family.DENSE) {
        layers.add(
            new ConvolutionLayer(
                f.attributes(), f.x().n(), f.x().h(), f.x().w(), f.x().c(), f.y().dim(3)));
      }
    }
    return List.copyOf(layers);
  }

  int ho() {
    return attributes.outputSide(h);
  }

  int wo() {
    return attributes.outputSide(w);
  }

  int inputElements() {
    return Math.toIntExact((long) n * h * w * cIn);
  }

  int outputElements() {
    return Math.toIntExact((long) n * ho() * wo() * cOut);
  }

  int weightElements() {
    return Arrays.stream(attributes.weightShape(cIn, cOut)).reduce(1, (a, b) -> a * b);
  }

  /// As NVIDIA's libraries describe it.
  ConvolutionShape shape(ElementType type) {
    int groups = attributes.family() == Family.DEPTHWISE ? cIn : 1;
    return new ConvolutionShape(
        n, h, w, cIn, cOut, attributes.kernel(), attributes.stride(), groups, type);
  }

  @Override
  public String toString() {
    String family = attributes.family().name().toLowerCase(Locale.ROOT);
    String text = "%-9s %dx%d %d->%d".formatted(family, h, w, cIn, cOut);
    return attributes.family() == Family.POINTWISE
        ? text
        : text + " k%d s%d".formatted(attributes.kernel(), attributes.stride());
  }
}
