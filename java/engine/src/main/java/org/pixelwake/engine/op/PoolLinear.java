package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.F32;
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

/// Global average pooling (the embedding), dropout (Srivastava et al. 2014) and linear layers.
public final class PoolLinear {
  private PoolLinear() {}

  /// An operation of the family.
  public sealed interface Op extends Operation {
    @Override
    default String family() {
      return "pool_linear";
    }
  }

  public static final StructLayout LINEAR =
      Symbol.struct("pw_linear", Symbol.fields(I32, "n c_in c_out accumulate"));
  static final StructLayout DROPOUT =
      Symbol.struct(
          "pw_dropout",
          Symbol.fields(I32, "n c layer"),
          Symbol.fields(F32, "probability"),
          Symbol.fields(I32, "first"));

  static final Symbol POOL_FORWARD = Symbol.kernel("pw_pool_forward", 4);
  static final Symbol POOL_WORKSPACE = Symbol.of("pw_pool_workspace", I64, PTR, PTR);
  static final Symbol POOL_BACKWARD = Symbol.kernel("pw_pool_backward", 7);
  static final Symbol LINEAR_FORWARD = Symbol.kernel("pw_linear_forward", 6);
  public static final Symbol LINEAR_BACKWARD = Symbol.kernel("pw_linear_backward", 8);
  static final Symbol DROPOUT_FORWARD = Symbol.kernel("pw_dropout_forward", 5);

  /// embedding (n, c) = mean over h and w of SiLU(batch norm(x)).
  public record PoolForward(View x, Tensor embedding) implements Op {
    @Override
    public String shape() {
      return x.sides() + " " + x.c();
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(x.data(), x.bn());
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(embedding);
    }

    @Override
    public long activations() {
      return x.activations();
    }

    @Override
    public void launch(Launch l) {
      l.call(POOL_FORWARD, BatchNorm.tensor(l, x), x, embedding);
    }

    @Override
    public void backward(Gradients g) {
      Tensor dembedding = g.pending(embedding);
      if (dembedding == null || !g.wanted(x.data())) {
        return;
      }
      Tensor dz = g.like(x.data(), "d");
      Tensor sums = g.vector("sums", x.data(), 2, x.c());
      g.add(new PoolBackward(x, dembedding, dz, sums));
      g.set(x, dz, sums);
    }
  }

  /// Gradient of the batch norm's output, and its sums.
  public record PoolBackward(View x, Tensor dembedding, Tensor dz, Tensor sums) implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return x.sides() + " " + x.c();
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(x.data(), x.bn(), dembedding);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dz, sums);
    }

    @Override
    public long activations() {
      return x.activations();
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(POOL_WORKSPACE, BatchNorm.tensor(l, x));
    }

    @Override
    public void launch(Launch l) {
      l.call(POOL_BACKWARD, BatchNorm.tensor(l, x), x, dembedding, dz, sums, l.workspace());
    }
  }

  private static MemorySegment linear(Launch l, Tensor x, Tensor weight) {
    return l.struct(LINEAR, x.dim(0), weight.dim(1), weight.dim(0), 0);
  }

  /// y (n, out) = x (n, in) weight^T + bias.
  public record LinearForward(Tensor x, Tensor weight, Tensor bias, Tensor y) implements Op {
    @Override
    public String shape() {
      return weight.dim(1) + "->" + weight.dim(0);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(x, weight, bias);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(y);
    }

    @Override
    public long flops() {
      return 2L * x.dim(0) * weight.elements();
    }

    @Override
    public void launch(Launch l) {
      l.call(LINEAR_FORWARD, linear(l, x, weight), x, weight, bias, y);
    }

    @Override
    public void backward(Gradients g) {
      Tensor dy = g.pending(y);
      if (dy == null) {
        return;
      }
      Tensor dx = g.wanted(x) ? g.like(x, "d") : null;
      g.add(new LinearBackward(x, weight, dy, dx, g.orScratch(weight), g.orScratch(bias)));
      if (dx != null) {
        g.contribute(x, dx);
      }
    }
  }

  /// Gradients of [LinearForward].
  public record LinearBackward(
      Tensor x, Tensor weight, Tensor dy, @Nullable Tensor dx, Tensor dweight, Tensor dbias)
      implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return weight.dim(1) + "->" + weight.dim(0);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(x, weight, dy);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(dx, dweight, dbias);
    }

    @Override
    public long flops() {
      return 2L * x.dim(0) * weight.elements() * (dx == null ? 1 : 2);
    }

    @Override
    public void launch(Launch l) {
      l.call(LINEAR_BACKWARD, linear(l, x, weight), x, weight, dy, dx, dweight, dbias);
    }
  }

  /// What a dropout draws; the same mask for the same attributes, step and image.
  ///
  /// @param layer number of the layer in the network, which keys its random numbers
  /// @param probability of dropping an element, in [0, 1)
  /// @param first number of image 0 in the batch of all processes ([Graph#firstImage])
  public record Drop(int layer, float probability, int first) {
    private void launch(Launch l, Tensor step, Tensor x, Tensor y) {
      MemorySegment drop = l.struct(DROPOUT, x.dim(0), x.dim(1), layer, probability, first);
      l.call(DROPOUT_FORWARD, drop, step, x, y);
    }
  }

  /// y (n, c): 0 with the given probability, else x / (1 - probability), drawn anew for each step
  /// and element.
  public record DropoutForward(Drop drop, Tensor step, Tensor x, Tensor y) implements Op {
    @Override
    public String shape() {
      return "dropout " + x.dim(1);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(step, x);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(y);
    }

    @Override
    public void launch(Launch l) {
      drop.launch(l, step, x, y);
    }

    @Override
    public void backward(Gradients g) {
      Tensor dy = g.pending(y);
      if (dy == null || !g.wanted(x)) {
        return;
      }
      Tensor dx = g.like(x, "d");
      g.add(new DropoutBackward(drop, step, dy, dx));
      g.contribute(x, dx);
    }
  }

  /// Gradient of [DropoutForward]: the same mask on the gradient.
  public record DropoutBackward(Drop drop, Tensor step, Tensor dy, Tensor dx) implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return "dropout " + dy.dim(1);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(step, dy);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dx);
    }

    @Override
    public void launch(Launch l) {
      drop.launch(l, step, dy, dx);
    }
  }
}
