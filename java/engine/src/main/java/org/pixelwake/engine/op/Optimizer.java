package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.F32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;

/// What follows the gradients: their norm, the step on the parameters, moving averages.
public final class Optimizer {
  private Optimizer() {}

  /// An operation of the family.
  public sealed interface Op extends Operation {
    @Override
    default String family() {
      return "optimizer";
    }

    @Override
    default Direction direction() {
      return Direction.UPDATE;
    }
  }

  static final StructLayout VECTOR =
      Symbol.struct("pw_vector", Symbol.fields(PTR, "data"), Symbol.fields(I64, "count"));
  static final StructLayout PARAMETER =
      Symbol.struct(
          "pw_parameter",
          Symbol.fields(PTR, "value gradient m v ema"),
          Symbol.fields(I64, "count"),
          Symbol.fields(F32, "weight_decay rate"));
  static final StructLayout ADAMW =
      Symbol.struct("pw_adamw", Symbol.fields(F32, "beta1 beta2 eps clip_norm"));

  static final Symbol NORM_WORKSPACE = Symbol.of("pw_gradient_norm_workspace", I64, PTR, I64, PTR);
  static final Symbol NORM = Symbol.status("pw_gradient_norm", PTR, I64, PTR, PTR, PTR);
  static final Symbol STEP_WORKSPACE = Symbol.of("pw_adamw_workspace", I64, PTR, I64, PTR);
  static final Symbol STEP = Symbol.status("pw_adamw_step", PTR, PTR, PTR, PTR, I64, PTR, PTR, PTR);

  static final Symbol AVERAGE = Symbol.status("pw_average_step", PTR, I64, PTR, PTR, PTR);

  /// Constants of AdamW (Loshchilov & Hutter 2019, algorithm 2).
  ///
  /// @param weightDecay of the parameters that are decayed
  /// @param clipNorm gradients are scaled down to this norm; 0: not
  public record Attributes(
      float beta1, float beta2, float eps, float weightDecay, float clipNorm) {}

  /// A learned parameter and what the optimizer keeps beside it, all of one shape.
  ///
  /// @param m first moment
  /// @param v second moment
  /// @param ema moving average of the parameter; null: none
  /// @param weightDecay relative decay of a step, in units of its learning rate
  /// @param rate factor of its learning rate, not negative; 1: the step's
  public record Parameter(
      Tensor value,
      Tensor gradient,
      Tensor m,
      Tensor v,
      @Nullable Tensor ema,
      float weightDecay,
      float rate) {}

  /// norm (1) of all the gradients together.
  public record GradientNorm(List<Tensor> gradients, Tensor norm) implements Op {
    @Override
    public String shape() {
      return "norm";
    }

    @Override
    public List<Tensor> inputs() {
      return gradients;
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(norm);
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(NORM_WORKSPACE, (long) gradients.size(), vectors(l));
    }

    @Override
    public void launch(Launch l) {
      l.call(NORM, (long) gradients.size(), vectors(l), norm, l.workspace());
    }

    private MemorySegment vectors(Launch l) {
      return l.structs(
          VECTOR, gradients.stream().map(g -> new Object[] {g, g.elements()}).toList());
    }
  }

  /// One step on some parameters, which are changed in place with their moments and moving
  /// averages. Learning rate and bias corrections come from the step's state.
  ///
  /// @param norm of all gradients, to clip by; null where they are not clipped
  /// @param measured receives the norm (1) of these parameters' gradients; null: not wanted
  public record AdamW(
      Attributes attributes,
      Tensor step,
      @Nullable Tensor norm,
      List<Parameter> parameters,
      @Nullable Tensor measured)
      implements Op {
    @Override
    public String shape() {
      return "AdamW";
    }

    @Override
    public List<Tensor> inputs() {
      List<Tensor> inputs = new ArrayList<>(Operation.present(step, norm));
      for (Parameter p : parameters) {
        inputs.addAll(Operation.present(p.value, p.gradient, p.m, p.v, p.ema));
      }
      return inputs;
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(measured);
    }

    @Override
    public List<Tensor> updated() {
      List<Tensor> updated = new ArrayList<>();
      for (Parameter p : parameters) {
        updated.addAll(Operation.present(p.value, p.m, p.v, p.ema));
      }
      return updated;
    }

    @Override
    public long workspace(Launch l) {
      return measured == null
          ? 0
          : l.workspaceBytes(STEP_WORKSPACE, (long) parameters.size(), pieces(l));
    }

    @Override
    public void launch(Launch l) {
      Attributes a = attributes;
      MemorySegment adamW = l.struct(ADAMW, a.beta1, a.beta2, a.eps, a.clipNorm);
      long count = parameters.size();
      l.call(STEP, adamW, step, norm, count, pieces(l), measured, l.workspace());
    }

    private MemorySegment pieces(Launch l) {
      return l.structs(
          PARAMETER,
          parameters.stream()
              .map(p ->
                  new Object[] {
                    p.value, p.gradient, p.m, p.v, p.ema, p.value.elements(), p.weightDecay, p.rate
                  })
              .toList());
    }
  }

  /// The moving average of values that are not learned.
  public record Average(Tensor step, Tensor value, Tensor average) implements Op {
    @Override
    public String shape() {
      return "average";
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
    public List<Tensor> updated() {
      return List.of(average);
    }

    @Override
    public void launch(Launch l) {
      l.call(AVERAGE, value.elements(), step, value, average);
    }
  }
}
