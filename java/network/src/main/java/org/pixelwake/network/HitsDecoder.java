package org.pixelwake.network;

import java.util.function.Consumer;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.HitsProduct;
import org.pixelwake.engine.op.HitsProduct.Factor;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.network.Layer.Spec;
import org.pixelwake.network.Layer.Start;

/// What stands behind an encoder over hits to restore hits that are hidden from it: a vector that
/// marks the hits whose energy it does not see, and two linear layers with a GELU between them that
/// say of every hit its energy, its time, which of the places around it are hit, and whether it is
/// above the threshold.
final class HitsDecoder {
  /// First of the logits, those of the places around a hit.
  static final int FIRST_LOGIT = 2;

  /// Start of the biases of these logits: log(p / (1 - p)) for p = 0.05, as [Decoder#MASK_PRIOR].
  static final float PLACE_PRIOR = Decoder.MASK_PRIOR;

  private static final String MARK = "hidden.weight";
  private static final String HIDDEN_LAYER = "decoder.0";
  private static final String HEADS = "heads";

  private HitsDecoder() {}

  static void specs(HitsArchitecture a, Consumer<Spec> sink) {
    sink.accept(Layer.weight(MARK, Start.UNIFORM_FAN_IN, a.width(), 1));
    HitsEncoder.linear(HIDDEN_LAYER, a.width(), a.width(), sink);
    HitsEncoder.linear(HEADS, Loss.HIT_HEADS, a.width(), sink);
  }

  /// Traces what is added to the rows of hidden hits.
  ///
  /// @param hidden (capacity, 1): 1 or 0
  static Tensor mark(Graph g, Hits.Rows rows, Tensor hidden, int width) {
    Tensor mark = g.intermediate("mark", Storage.F32, rows.capacity(), width);
    Factor factor = new Factor(hidden, false, null, false);
    g.add(new HitsProduct.Forward(rows, factor, g.parameter(MARK), null, null, mark));
    return mark;
  }

  /// Traces the decoder.
  ///
  /// @param output receives (capacity, 12), as [Loss.OfHits] takes it
  static void restore(Graph g, HitsArchitecture a, Network.Seen seen, Tensor output) {
    Factor known = new Factor(seen.known(), false, null, false);
    Tensor u = HitsEncoder.product(g, seen.rows(), known, HIDDEN_LAYER, a.width(), null);
    Factor active = new Factor(u, true, null, false);
    HitsEncoder.product(g, seen.rows(), active, HEADS, null, output);
  }
}
