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
import org.pixelwake.engine.Transform;
import org.pixelwake.engine.View;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.plan.Gradients;

/// End of a block: batch norm of the projection, drop path (stochastic depth, Huang et al. 2016)
/// and the skip connection.
public final class Residual {
  private Residual() {}

  /// An operation of the family.
  public sealed interface Op extends Operation {
    @Override
    default String family() {
      return "residual";
    }
  }

  static final StructLayout DROP_PATH =
      Symbol.struct(
          "pw_drop_path",
          Symbol.fields(I32, "n layer"),
          Symbol.fields(F32, "probability"),
          Symbol.fields(I32, "first"));

  static final Symbol FORWARD = Symbol.kernel("pw_residual_forward", 6);
  static final Symbol WORKSPACE = Symbol.of("pw_residual_workspace", I64, PTR, PTR);
  static final Symbol BACKWARD = Symbol.kernel("pw_residual_backward", 7);
  static final Symbol DROP = Symbol.kernel("pw_drop_path_forward", 4);

  private static MemorySegment descriptor(Launch l, View p, @Nullable View skip) {
    Transform added = skip == null ? Transform.NONE : skip.transform();
    return l.struct(BatchNorm.TENSOR, p.data().shape(), p.data().storage().code(), added.code());
  }

  /// `y = keep[n] * batch norm(p) + T(skip)`; `keep` null counts as 1, `skip` null as 0.
  public record Forward(View p, @Nullable Tensor keep, @Nullable View skip, Tensor y)
      implements Op {
    @Override
    public String shape() {
      return p.sides() + " " + p.c();
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(
          p.data(),
          p.bn(),
          keep,
          skip == null ? null : skip.data(),
          skip == null ? null : skip.bn());
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(y);
    }

    @Override
    public long activations() {
      return skip == null ? 0 : skip.activations();
    }

    @Override
    public void launch(Launch l) {
      l.call(FORWARD, descriptor(l, p, skip), p, keep, skip, y);
    }

    @Override
    public void backward(Gradients g) {
      Tensor dy = g.pending(y);
      if (dy == null) {
        return;
      }
      if (skip != null) {
        g.contribute(skip.data(), dy);
      }
      if (!g.wanted(p.data())) {
        return;
      }
      Tensor sums = g.vector("sums", p.data(), 2, p.c());
      g.add(new Backward(p, keep, dy, sums));
      Gradients.Partial partial = g.partial(p.data());
      partial.kind = Gradients.Kind.BN;
      partial.dy = dy;
      partial.keep = keep;
      partial.sums = sums;
    }
  }

  /// The sums over the gradient of [Forward]'s output that the batch norm of p needs; the gradients
  /// themselves are that of the output.
  public record Backward(View p, @Nullable Tensor keep, Tensor dy, Tensor sums) implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return p.sides() + " " + p.c();
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(p.data(), p.bn(), keep, dy);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(sums);
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(WORKSPACE, descriptor(l, p, null));
    }

    @Override
    public void launch(Launch l) {
      l.call(BACKWARD, descriptor(l, p, null), p, keep, dy, sums, l.workspace());
    }
  }

  /// keep (n): 0 with the given probability, else 1 / (1 - probability), drawn anew for each step,
  /// layer and image.
  ///
  /// @param first number of image 0 in the batch of all processes ([Graph#firstImage])
  public record DropPath(int layer, float probability, int first, Tensor step, Tensor keep)
      implements Op {
    @Override
    public String shape() {
      return "drop path";
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(step);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(keep);
    }

    @Override
    public void launch(Launch l) {
      l.call(DROP, l.struct(DROP_PATH, keep.dim(0), layer, probability, first), step, keep);
    }

    @Override
    public void backward(Gradients g) {
      // Random numbers have no gradient.
    }
  }
}
