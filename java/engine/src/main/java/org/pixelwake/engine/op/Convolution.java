package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.plan.Gradients;

/// The three families of convolutions: pointwise (1x1), depthwise (plain and transposed) and dense
/// (stem, transposed heads). They share one descriptor and differ in their kernels.
public final class Convolution {
  private Convolution() {}

  static final StructLayout CONV =
      Symbol.struct(
          "pw_conv",
          Symbol.fields(
              I32, "n h w c_in c_out kernel stride transposed storage transform gradient"),
          Symbol.fields(I32, "accumulate"));
  public static final StructLayout GRADIENT =
      Symbol.struct("pw_gradient", Symbol.fields(PTR, "dy y coef keep bn gate dpool sites"));
  public static final StructLayout INPUT_GRADIENT =
      Symbol.struct("pw_input_gradient", Symbol.fields(PTR, "dx addend sums"));

  /// Which kernels compute it.
  // A symbol is a record that never changes, which the check cannot see.
  @SuppressWarnings("ImmutableEnumChecker")
  public enum Family {
    POINTWISE,
    DEPTHWISE,
    DENSE;

    private final Symbol workspace = Symbol.of("pw_" + label() + "_workspace", I64, PTR, PTR, I32);
    private final Symbol forward = Symbol.kernel("pw_" + label() + "_forward", 8);
    private final Symbol backward = Symbol.kernel("pw_" + label() + "_backward", 9);

    public Symbol backward() {
      return backward;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Attributes that do not follow from the tensors.
  ///
  /// @param kernel side of the kernel; padding is (kernel - 1) / 2
  /// @param stride 1 or 2
  /// @param transposed whether it doubles each side (stride 2, output padding 1)
  public record Attributes(Family family, int kernel, int stride, boolean transposed) {
    /// Side of the output for a side of the input.
    public int outputSide(int side) {
      return transposed ? side * stride : Math.ceilDiv(side, stride);
    }

    /// Shape of the weight as PyTorch has it.
    public int[] weightShape(int in, int out) {
      return switch (family) {
        case DEPTHWISE -> new int[] {in, 1, kernel, kernel};
        default ->
            transposed ? new int[] {in, out, kernel, kernel} : new int[] {out, in, kernel, kernel};
      };
    }

    /// Its size for people.
    String shape(View x, Tensor y) {
      String channels =
          family == Family.DEPTHWISE ? Integer.toString(x.c()) : x.c() + "->" + y.dim(3);
      String rest =
          family == Family.POINTWISE
              ? ""
              : " k" + kernel + " s" + stride + (transposed ? " transposed" : "");
      return x.sides() + " " + channels + rest;
    }

    private long flops(View x, Tensor y) {
      return flops(x.n(), x.h(), x.w(), x.c(), y.dim(3));
    }

    // A depthwise convolution has no sum over channels that a dot product could take.
    private long dotFlops(View x, long flops) {
      return family != Family.DEPTHWISE && x.data().storage() == Storage.BF16 ? flops : 0;
    }

    /// Multiplications and additions of one forward pass, counted as two operations each.
    public long flops(int n, int h, int w, int in, int out) {
      long perPair = 2L * kernel * kernel * n;
      long places = transposed ? (long) h * w : (long) outputSide(h) * outputSide(w);
      return perPair * places * (family == Family.DEPTHWISE ? in : (long) in * out);
    }
  }

  public static MemorySegment descriptor(
      Launch launch, Attributes a, View x, Tensor y, int gradient, boolean accumulate) {
    return launch.struct(
        CONV,
        x.data().shape(),
        y.dim(3),
        a.kernel,
        a.stride,
        a.transposed ? 1 : 0,
        x.data().storage().code(),
        x.transform().code(),
        gradient,
        accumulate ? 1 : 0);
  }

  /// A convolution, forward or backward.
  public sealed interface Op extends Operation {
    /// Kernel, stride and kind.
    Attributes attributes();

    /// Input of the forward pass.
    View x();

    /// Output of the forward pass.
    Tensor y();

    @Override
    default String family() {
      return attributes().family.label();
    }

    @Override
    default String shape() {
      return attributes().shape(x(), y());
    }
  }

  /// `y = conv(T(x)) + bias`, and the mean and variance (2, c_out) of y where `stats` is given.
  public record Forward(
      Attributes attributes,
      View x,
      Tensor weight,
      @Nullable Tensor bias,
      Tensor y,
      @Nullable Tensor stats)
      implements Op {
    @Override
    public List<Tensor> inputs() {
      return Operation.present(x.data(), x.bn(), x.gate(), weight, bias);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(y, stats);
    }

    @Override
    public long flops() {
      return attributes.flops(x, y);
    }

    @Override
    public long dotFlops() {
      return attributes.dotFlops(x, flops());
    }

    @Override
    public long activations() {
      return x.activations();
    }

    @Override
    public long workspace(Launch launch) {
      return launch.workspaceBytes(
          attributes.family.workspace, descriptor(launch, attributes, x, y, 0, false), 0);
    }

    @Override
    public void launch(Launch l) {
      MemorySegment descriptor = descriptor(l, attributes, x, y, 0, false);
      l.call(attributes.family.forward, descriptor, x, weight, bias, y, stats, l.workspace());
    }

    @Override
    public void backward(Gradients g) {
      Gradients.OfRaw dy = g.of(y);
      if (dy == null) {
        return;
      }
      Tensor dweight = g.parameter(weight);
      Tensor dbias = bias == null ? null : g.parameter(bias);
      Tensor dx = null;
      Tensor sums = null;
      Tensor addend = g.pending(x.data());
      if (g.wanted(x.data())) {
        dx = g.like(x.data(), "d");
        sums =
            switch (x.transform()) {
              case BN_SILU -> g.vector("sums", x.data(), 2, x.c());
              case BN_SILU_GATE -> g.vector("gate_sums", x.data(), 3, x.n(), x.c());
              default -> null;
            };
      }
      if (dx == null && dweight == null && dbias == null) {
        return;
      }
      g.add(
          new Backward(
              attributes, x, weight, y, dy, dx == null ? null : addend, dx, sums, dweight, dbias));
      if (dx != null) {
        g.set(x, dx, sums);
      }
    }

    /// The same output once more, without its statistics.
    public Forward again() {
      return new Forward(attributes, x, weight, bias, y, null);
    }

    @Override
    public boolean repeats(Operation earlier) {
      return earlier instanceof Forward forward && equals(forward.again());
    }
  }

  /// Gradients of [Forward]: of its input (with the sums that the input's batch norm needs), weight
  /// and bias; those not wanted are null.
  public record Backward(
      Attributes attributes,
      View x,
      Tensor weight,
      Tensor y,
      Gradients.OfRaw dy,
      @Nullable Tensor addend,
      @Nullable Tensor dx,
      @Nullable Tensor sums,
      @Nullable Tensor dweight,
      @Nullable Tensor dbias)
      implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public List<Tensor> inputs() {
      List<Tensor> inputs = new ArrayList<>(Operation.present(x.data(), x.bn(), x.gate(), weight));
      inputs.addAll(Operation.present(dy.fields(y)));
      inputs.addAll(Operation.present(addend));
      return inputs;
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(dx, sums, dweight, dbias);
    }

    // The gradient of the input and that of the weight are a product each, as large as the forward
    // one.
    @Override
    public long flops() {
      return attributes.flops(x, y) * ((dx == null ? 0 : 1) + (dweight == null ? 0 : 1));
    }

    @Override
    public long dotFlops() {
      return attributes.dotFlops(x, flops());
    }

    // SiLU for the weight's gradient and SiLU' for the input's share their exponential.
    @Override
    public long activations() {
      long ofX = dx == null && dweight == null ? 0 : x.activations();
      return ofX + (dy.kind() == Gradients.Kind.BN_SILU_GATE ? y.elements() : 0);
    }

    @Override
    public @Nullable Tensor inPlace(Tensor output) {
      return output == dx ? addend : null;
    }

    @Override
    public long workspace(Launch launch) {
      return launch.workspaceBytes(
          attributes.family.workspace,
          descriptor(launch, attributes, x, y, dy.kind().code(), false),
          1);
    }

    @Override
    public void launch(Launch l) {
      MemorySegment descriptor = descriptor(l, attributes, x, y, dy.kind().code(), false);
      MemorySegment gradient = l.struct(GRADIENT, (@Nullable Object[]) dy.fields(y));
      MemorySegment input = l.struct(INPUT_GRADIENT, dx, addend, sums);
      Symbol kernel = attributes.family.backward;
      l.call(kernel, descriptor, x, weight, gradient, input, dweight, dbias, l.workspace());
    }
  }
}
