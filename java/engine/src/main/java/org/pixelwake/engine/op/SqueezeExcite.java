package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.plan.Gradients;

/// Squeeze-excite (Hu et al. 2018): a gate for each image and channel from the pooled activations.
public final class SqueezeExcite {
  private SqueezeExcite() {}

  /// An operation of the family.
  public sealed interface Op extends Operation {
    /// The activation that is squeezed.
    View x();

    /// Weight of the hidden layer.
    Tensor w1();

    /// Weight of the gate.
    Tensor w2();

    @Override
    default String shape() {
      return x().sides() + " " + x().c() + "->" + w1().dim(0);
    }

    @Override
    default long flops() {
      // The two matrix products of a pass; backward, there are two of each.
      long pass = 2L * x().n() * (w1().elements() + w2().elements());
      return direction() == Direction.BACKWARD ? 2 * pass : pass;
    }

    @Override
    default String family() {
      return "squeeze_excite";
    }
  }

  public static final StructLayout SQUEEZE_EXCITE =
      Symbol.struct(
          "pw_squeeze_excite", Symbol.fields(I32, "n h w c squeeze storage accumulate reserved"));

  static final Symbol WORKSPACE = Symbol.of("pw_squeeze_excite_workspace", I64, PTR, PTR, I32);
  static final Symbol FORWARD = Symbol.kernel("pw_squeeze_excite_forward", 12);
  public static final Symbol BACKWARD = Symbol.kernel("pw_squeeze_excite_backward", 16);

  private static MemorySegment descriptor(Launch l, View x, Tensor w1) {
    return l.struct(SQUEEZE_EXCITE, x.data().shape(), w1.dim(0), x.data().storage().code(), 0);
  }

  /// gate (n, c) = sigmoid(w2 SiLU(w1 mean(a) + b1) + b2) with a = SiLU(batch norm(x)); `pooled`
  /// (3, n, c) and `hidden` (n, squeeze) serve the backward pass. The mean is over `sites`
  /// ([PoolLinear.Sites]), or over all pixels where they are null.
  public record Forward(
      View x,
      @Nullable Tensor sites,
      Tensor w1,
      Tensor b1,
      Tensor w2,
      Tensor b2,
      Tensor pooled,
      Tensor hidden,
      Tensor gate)
      implements Op {
    @Override
    public List<Tensor> inputs() {
      return Operation.present(x.data(), x.bn(), sites, w1, b1, w2, b2);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(pooled, hidden, gate);
    }

    @Override
    public long activations() {
      return x.activations() + hidden.elements() + gate.elements();
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(WORKSPACE, descriptor(l, x, w1), 0);
    }

    @Override
    public void launch(Launch l) {
      l.call(
          FORWARD,
          descriptor(l, x, w1),
          x,
          sites,
          w1,
          b1,
          w2,
          b2,
          pooled,
          hidden,
          gate,
          l.workspace());
    }

    @Override
    public void backward(Gradients g) {
      Gradients.Partial partial = g.known(x.data());
      if (partial == null || partial.gateSums == null) {
        return;
      }
      Tensor dpool = g.vector("dpool", x.data(), x.n(), x.c());
      Tensor sums = g.vector("sums", x.data(), 2, x.c());
      // Frozen layers still pass the gradient on; their own gradients then go to scratch.
      g.add(
          new Backward(
              x,
              sites,
              w1,
              w2,
              pooled,
              hidden,
              gate,
              partial.gateSums,
              g.orScratch(w1),
              g.orScratch(b1),
              g.orScratch(w2),
              g.orScratch(b2),
              dpool,
              sums));
      partial.dpool = dpool;
      partial.sites = sites;
      partial.sums = sums;
    }
  }

  /// Gradients of [Forward], given the sums of the gated activation's gradient.
  public record Backward(
      View x,
      @Nullable Tensor sites,
      Tensor w1,
      Tensor w2,
      Tensor pooled,
      Tensor hidden,
      Tensor gate,
      Tensor gateSums,
      Tensor dw1,
      Tensor db1,
      Tensor dw2,
      Tensor db2,
      Tensor dpool,
      Tensor sums)
      implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(sites, w1, w2, pooled, hidden, gate, gateSums);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dw1, db1, dw2, db2, dpool, sums);
    }

    @Override
    public long activations() {
      return hidden.elements();
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(WORKSPACE, descriptor(l, x, w1), 1);
    }

    @Override
    public void launch(Launch l) {
      l.call(
          BACKWARD,
          descriptor(l, x, w1),
          sites,
          w1,
          w2,
          pooled,
          hidden,
          gate,
          gateSums,
          dw1,
          db1,
          dw2,
          db2,
          dpool,
          sums,
          l.workspace());
    }
  }
}
