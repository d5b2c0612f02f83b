package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.F32;
import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.plan.Gradients;

/// Batch normalisation (Ioffe & Szegedy 2015), of which only the per-channel vectors are ever
/// computed on their own.
public final class BatchNorm {
  private BatchNorm() {}

  /// An operation of the family.
  public sealed interface Op extends Operation {
    @Override
    default String family() {
      return "batchnorm";
    }
  }

  public static final StructLayout BATCHNORM =
      Symbol.struct(
          "pw_batchnorm",
          Symbol.fields(I32, "c training"),
          Symbol.fields(I64, "count"),
          Symbol.fields(F32, "eps momentum"),
          Symbol.fields(I32, "accumulate reserved"));
  static final StructLayout TENSOR =
      Symbol.struct("pw_tensor", Symbol.fields(I32, "n h w c storage transform"));

  static final Symbol FORWARD = Symbol.kernel("pw_batchnorm_forward", 8);
  public static final Symbol BACKWARD = Symbol.kernel("pw_batchnorm_backward", 7);
  static final Symbol APPLY = Symbol.kernel("pw_batchnorm_apply", 4);

  /// Constants of a batch norm.
  ///
  /// @param eps added to the variance
  /// @param momentum weight of the new value in the running statistics, as PyTorch counts it
  public record Attributes(float eps, float momentum) {}

  static MemorySegment descriptor(Launch l, Attributes a, Tensor raw, boolean training, int ranks) {
    int c = raw.dim(3);
    long count = ranks * (raw.elements() / c);
    return l.struct(BATCHNORM, c, training ? 1 : 0, count, a.eps, a.momentum, 0);
  }

  static MemorySegment tensor(Launch l, View x) {
    return l.struct(TENSOR, x.data().shape(), x.data().storage().code(), x.transform().code());
  }

  /// The vectors `bn` (4, c) of a raw tensor, from its statistics (training; running statistics
  /// follow) or, where `stats` is null, from the running statistics.
  ///
  /// @param ranks processes of whose batches `stats` are the statistics, each with as many values
  public record Forward(
      Attributes attributes,
      Tensor raw,
      @Nullable Tensor stats,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVar,
      Tensor bn,
      int ranks)
      implements Op {
    @Override
    public String shape() {
      return Integer.toString(raw.dim(3));
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(stats, gamma, beta, runningMean, runningVar);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(bn);
    }

    @Override
    public List<Tensor> updated() {
      return stats == null ? List.of() : List.of(runningMean, runningVar);
    }

    @Override
    public void launch(Launch l) {
      MemorySegment descriptor = descriptor(l, attributes, raw, stats != null, ranks);
      l.call(FORWARD, descriptor, stats, gamma, beta, runningMean, runningVar, bn);
    }

    @Override
    public void backward(Gradients g) {
      Gradients.Partial partial = g.known(raw);
      if (partial == null || partial.sums == null) {
        return;
      }
      if (stats != null && ranks > 1) {
        g.add(new Collective.Sum(List.of(partial.sums), Operation.Direction.BACKWARD));
      }
      Tensor coef = g.vector("coef", raw, 3, raw.dim(3));
      g.add(
          new Backward(
              attributes,
              raw,
              stats != null,
              partial.sums,
              bn,
              g.parameter(gamma),
              g.parameter(beta),
              coef,
              ranks));
      partial.coef = coef;
    }
  }

  /// Gradients of gamma and beta, and the vectors `coef` (3, c) by which the producer forms its
  /// own.
  ///
  /// @param ranks processes over whose batches `sums` go
  public record Backward(
      Attributes attributes,
      Tensor raw,
      boolean training,
      Tensor sums,
      Tensor bn,
      @Nullable Tensor dgamma,
      @Nullable Tensor dbeta,
      Tensor coef,
      int ranks)
      implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return Integer.toString(raw.dim(3));
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(sums, bn);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(dgamma, dbeta, coef);
    }

    @Override
    public void launch(Launch l) {
      l.call(
          BACKWARD, descriptor(l, attributes, raw, training, ranks), sums, bn, dgamma, dbeta, coef);
    }
  }

  /// `y = T(x)` written out, for results that leave the network.
  public record Apply(View x, Tensor y) implements Op {
    @Override
    public String shape() {
      return x.sides() + " " + x.c();
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(x.data(), x.bn(), x.gate());
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(y);
    }

    @Override
    public long activations() {
      return x.activations();
    }

    @Override
    public void launch(Launch l) {
      l.call(APPLY, tensor(l, x), x, y);
    }

    @Override
    public void backward(Gradients g) {
      if (g.pending(y) != null) {
        throw new UnsupportedOperationException(
            y + " is for looking at: no gradient flows through a transform as a pass of its own");
      }
    }
  }
}
