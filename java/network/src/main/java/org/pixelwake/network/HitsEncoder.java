package org.pixelwake.network;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.HitsProduct;
import org.pixelwake.engine.op.HitsProduct.Factor;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.network.Layer.Spec;
import org.pixelwake.network.Layer.Start;

/// An encoder over hits, traced into a [Graph].
///
/// With h the rows of the hits (capacity, width), a block is
///
/// u = around(norm(h)), a = gelu(u), h + project(a + context(mean of a over the cluster)),
///
/// with a 3x3 convolution `around` over the neighbours that were hit. Before the blocks stands a
/// linear layer on what [Hits.Features] says of a hit, behind them layer norm, a linear layer to
/// twice the width, GELU and pooling by mean, sum and maximum.
final class HitsEncoder {
  private HitsEncoder() {}

  private static String block(int number) {
    return "features." + number;
  }

  static void specs(HitsArchitecture a, Consumer<Spec> sink) {
    int c = a.width();
    linear(block(0), c, Hits.FEATURES, sink);
    for (int i = 1; i <= a.blocks(); i++) {
      norm(block(i) + ".norm", c, sink);
      Start start = Start.UNIFORM_FAN_IN;
      sink.accept(Layer.weight(block(i) + ".around.weight", start, c, c, 3, 3));
      sink.accept(Layer.bias(block(i) + ".around.bias", start, 9 * c, c));
      linear(block(i) + ".context", c, c, sink);
      linear(block(i) + ".project", c, c, sink);
    }
    norm(block(a.blocks() + 1) + ".norm", c, sink);
    linear(block(a.blocks() + 1) + ".top", a.last(), c, sink);
  }

  static void linear(String prefix, int out, int in, Consumer<Spec> sink) {
    sink.accept(Layer.weight(prefix + ".weight", Start.UNIFORM_FAN_IN, out, in));
    sink.accept(Layer.bias(prefix + ".bias", Start.UNIFORM_FAN_IN, in, out));
  }

  private static void norm(String prefix, int c, Consumer<Spec> sink) {
    sink.accept(Layer.bias(prefix + ".weight", Start.ONE, c, c));
    sink.accept(Layer.bias(prefix + ".bias", Start.ZERO, c, c));
  }

  /// Traces the encoder.
  ///
  /// @param hits of the batch: in different pixels, ordered by y and x in each cluster
  /// @param hidden (capacity, 1): 1 for hits whose energy and time are hidden, else 0; null: none
  ///   is
  /// @param embedding receives the pooled features (n, top)
  static Network.Seen embed(
      Graph g,
      HitsArchitecture a,
      Hits.Attributes attributes,
      Rasterize.Hits hits,
      @Nullable Tensor hidden,
      Tensor step,
      Tensor embedding) {
    int capacity = hits.energy().dim(0);
    // i32 travels as f32: the engine only needs to know how many bytes there are.
    Hits.Rows rows =
        new Hits.Rows(
            hits.offsets(),
            g.intermediate("neighbours", Storage.F32, capacity, Hits.NEIGHBOURS),
            g.intermediate("cluster", Storage.F32, capacity));
    g.add(new Hits.Neighbours(attributes, step, hits, rows));
    Tensor features = g.intermediate("description", Storage.F32, capacity, Hits.FEATURES);
    g.add(new Hits.Features(attributes, step, hits, features));
    Tensor mark = hidden == null ? null : HitsDecoder.mark(g, rows, hidden, a.width());
    Tensor h =
        product(g, rows, new Factor(features, false, null, false), block(0), a.width(), mark);
    for (int i = 1; i <= a.blocks(); i++) {
      h = block(g, a, rows, h, block(i));
    }
    String last = block(a.blocks() + 1);
    Tensor normed = norm(g, a, rows, h, last + ".norm");
    Factor factor = new Factor(normed, false, null, false);
    Tensor top = product(g, rows, factor, last + ".top", a.last(), null);
    Tensor largest = g.intermediate(last + ".largest", Storage.F32, rows.n(), a.last());
    g.add(new Hits.PoolForward(rows, top, embedding, largest));
    return new Network.Seen(rows, normed);
  }

  private static Tensor block(
      Graph g, HitsArchitecture a, Hits.Rows rows, Tensor h, String prefix) {
    int c = a.width();
    Tensor normed = norm(g, a, rows, h, prefix + ".norm");
    Factor around = new Factor(normed, false, null, true);
    Tensor u = product(g, rows, around, prefix + ".around", c, null);
    Tensor mean = g.intermediate(prefix + ".mean", Storage.F32, rows.n(), c);
    g.add(new Hits.PoolForward(rows, u, mean, null));
    Tensor context = g.intermediate(prefix + ".context", Storage.F32, rows.n(), c);
    g.linear(mean, prefix + ".context", context);
    return product(g, rows, new Factor(u, true, context, false), prefix + ".project", c, h);
  }

  private static Tensor norm(Graph g, HitsArchitecture a, Hits.Rows rows, Tensor x, String prefix) {
    Tensor y = g.intermediate(prefix, Storage.F32, x.shape());
    Tensor moments = g.intermediate(prefix + ".moments", Storage.F32, x.dim(0), 2);
    Tensor gamma = g.parameter(prefix + ".weight");
    Tensor beta = g.parameter(prefix + ".bias");
    g.add(new Hits.NormForward(rows, a.eps(), x, gamma, beta, y, moments));
    return y;
  }

  static Tensor product(
      Graph g, Hits.Rows rows, Factor factor, String prefix, int out, @Nullable Tensor addend) {
    Tensor y = g.intermediate(prefix, Storage.F32, rows.capacity(), out);
    product(g, rows, factor, prefix, addend, y);
    return y;
  }

  static void product(
      Graph g, Hits.Rows rows, Factor factor, String prefix, @Nullable Tensor addend, Tensor y) {
    Tensor weight = g.parameter(prefix + ".weight");
    Tensor bias = g.parameter(prefix + ".bias");
    g.add(new HitsProduct.Forward(rows, factor, weight, bias, addend, y));
  }
}
