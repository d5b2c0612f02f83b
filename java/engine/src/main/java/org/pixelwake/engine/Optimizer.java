package org.pixelwake.engine;

import static org.pixelwake.engine.Symbol.F32;
import static org.pixelwake.engine.Symbol.I32;
import static org.pixelwake.engine.Symbol.I64;
import static org.pixelwake.engine.Symbol.PTR;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Operations on whole slabs of parameters.
public final class Optimizer {
  private Optimizer() {}

  static final StructLayout ADAMW =
      MemoryLayout.structLayout(
              I64.withName("count"),
              F32.withName("beta1"),
              F32.withName("beta2"),
              F32.withName("eps"),
              F32.withName("weight_decay"),
              F32.withName("clip_norm"),
              I32.withName("reserved"))
          .withName("pw_adamw");

  static final Symbol NORM_WORKSPACE = Symbol.of("pw_gradient_norm_workspace", I64, PTR, I64);
  static final Symbol NORM = Symbol.status("pw_gradient_norm", PTR, I64, PTR, PTR, PTR);
  static final Symbol STEP =
      Symbol.status("pw_adamw_step", PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR);

  static final Symbol AVERAGE = Symbol.status("pw_average_step", PTR, I64, PTR, PTR, PTR);

  /// Constants of AdamW (Loshchilov & Hutter 2019, algorithm 2).
  ///
  /// @param clipNorm gradients are scaled down to this norm; 0: not
  public record Attributes(
      float beta1, float beta2, float eps, float weightDecay, float clipNorm) {}

  /// norm (1) of a slab of gradients.
  public record GradientNorm(Tensor gradient, Tensor norm) implements Operation {
    @Override
    public String family() {
      return "optimizer";
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(gradient);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(norm);
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(NORM_WORKSPACE, gradient.elements());
    }

    @Override
    public void launch(Launch l) {
      l.call(NORM, gradient.elements(), l.pointer(gradient), l.pointer(norm), l.workspace());
    }
  }

  /// One step on a slab; parameter, m, v and the moving average are changed in place. Learning rate
  /// and bias corrections come from the step's state.
  public record AdamW(
      Attributes attributes,
      Tensor step,
      @Nullable Tensor norm,
      Tensor parameter,
      Tensor gradient,
      Tensor m,
      Tensor v,
      @Nullable Tensor ema)
      implements Operation {
    @Override
    public String family() {
      return "optimizer";
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(step, norm, gradient, parameter, m, v, ema);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of();
    }

    @Override
    public void launch(Launch l) {
      l.call(
          STEP,
          l.struct(
              ADAMW,
              parameter.elements(),
              attributes.beta1,
              attributes.beta2,
              attributes.eps,
              attributes.weightDecay,
              attributes.clipNorm,
              0),
          l.pointer(step),
          l.pointer(norm),
          l.pointer(parameter),
          l.pointer(gradient),
          l.pointer(m),
          l.pointer(v),
          l.pointer(ema));
    }
  }

  /// The moving average of values that are not learned.
  public record Average(Tensor step, Tensor value, Tensor average) implements Operation {
    @Override
    public String family() {
      return "optimizer";
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(step, value, average);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of();
    }

    @Override
    public void launch(Launch l) {
      l.call(AVERAGE, value.elements(), l.pointer(step), l.pointer(value), l.pointer(average));
    }
  }
}
