package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;

/// Forward passes of a trained network whose batch norms were folded into the convolutions before
/// them: w' = w gamma rstd, b' = beta - mean gamma rstd, with the running statistics.
///
/// Weights are packed once, in an order of the backend's own; tensors named "packed" below hold
/// them. There are no gradients.
public final class Inference {
  private Inference() {}

  /// An operation of the family.
  public sealed interface Op extends Operation {
    @Override
    default String family() {
      return "inference";
    }
  }

  static final StructLayout PACK =
      Symbol.struct("pw_pack", Symbol.fields(I32, "c_in c_out kernel storage"));
  static final StructLayout INFERENCE =
      Symbol.struct(
          "pw_inference", Symbol.fields(I32, "n h w c_in c_out kernel stride activation storage"));
  static final StructLayout BLOCK =
      Symbol.struct(
          "pw_block",
          Symbol.fields(I32, "n h w c_in expanded squeeze c_out kernel stride residual storage"));
  static final StructLayout BLOCK_WEIGHTS =
      Symbol.struct(
          "pw_block_weights", Symbol.fields(PTR, "expand depthwise squeeze excite project"));

  static final Symbol PACK_SIZE = Symbol.of("pw_pack_size", I64, PTR, PTR);
  static final Symbol PACK_WEIGHTS = Symbol.kernel("pw_pack_weights", 5);
  static final Symbol POINTWISE_WORKSPACE =
      Symbol.of("pw_inference_pointwise_workspace", I64, PTR, PTR);
  static final Symbol POINTWISE = Symbol.kernel("pw_inference_pointwise", 8);
  static final Symbol DENSE_WORKSPACE = Symbol.of("pw_inference_dense_workspace", I64, PTR, PTR);
  static final Symbol DENSE = Symbol.kernel("pw_inference_dense", 6);
  static final Symbol BLOCK_WORKSPACE = Symbol.of("pw_inference_block_workspace", I64, PTR, PTR);
  static final Symbol RUN_BLOCK = Symbol.kernel("pw_inference_block", 7);

  /// What follows a product.
  public enum Activation {
    LINEAR(0),
    SILU(1),
    SIGMOID(2);

    private final int code;

    Activation(int code) {
      this.code = code;
    }

    public int code() {
      return code;
    }

    private long elements(Tensor y) {
      return this == LINEAR ? 0 : y.elements();
    }
  }

  /// Weights of a convolution, to be packed.
  ///
  /// @param in input channels of one output channel: 1 for depthwise
  /// @param storage of the activations that they will multiply; [Storage#F32] unless the kernel is
  ///   1
  public record Weights(int in, int out, int kernel, Storage storage) {
    private MemorySegment descriptor(Launch l) {
      return l.struct(PACK, in, out, kernel, storage.code());
    }

    /// Elements of the f32 tensor that holds them packed for the device.
    public int packedElements(Device device) {
      try (Arena arena = Arena.ofConfined()) {
        Launch l = new Launch(device, arena, tensor -> MemorySegment.NULL);
        return Math.toIntExact(Math.ceilDiv(l.workspaceBytes(PACK_SIZE, descriptor(l)), 4L));
      }
    }

    /// Packs them into a parameter of a store.
    ///
    /// @param weight (out, in, kernel, kernel)
    /// @param bias (out)
    public void pack(ParameterStore store, String name, float[] weight, float[] bias) {
      pack(store.device(), weight, bias, store.address(ParameterStore.Slab.PARAMETERS, name));
    }

    public void pack(Device device, float[] weight, float[] bias, MemorySegment packed) {
      if (weight.length != out * in * kernel * kernel || bias.length != out) {
        throw new IllegalArgumentException(
            this + " from " + weight.length + " weights and " + bias.length + " biases");
      }
      try (Arena arena = Arena.ofConfined();
          Memory weights = device.allocate(4L * weight.length);
          Memory biases = device.allocate(4L * bias.length)) {
        device.upload(weight, weights.address());
        device.upload(bias, biases.address());
        Launch l = new Launch(device, arena, tensor -> MemorySegment.NULL);
        l.call(PACK_WEIGHTS, descriptor(l), weights.address(), biases.address(), packed);
        device.synchronize();
      }
    }
  }

  /// y = activation(conv(x) + bias) for a dense convolution of few channels; x (n, h, w, c) is f32.
  public record Dense(
      Tensor x, Tensor packed, int kernel, int stride, Activation activation, Tensor y)
      implements Op {
    @Override
    public String shape() {
      return sides(x) + " " + x.dim(3) + "->" + y.dim(3) + " k" + kernel + "s" + stride;
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(x, packed);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(y);
    }

    @Override
    public long flops() {
      return 2L * y.elements() * kernel * kernel * x.dim(3);
    }

    @Override
    public long activations() {
      return activation.elements(y);
    }

    private MemorySegment descriptor(Launch l) {
      return Inference.descriptor(l, x, y, kernel, stride, activation);
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(DENSE_WORKSPACE, descriptor(l));
    }

    @Override
    public void launch(Launch l) {
      l.call(DENSE, descriptor(l), x, packed, y, l.workspace());
    }
  }

  /// y = activation(conv(x) + bias) for a 1x1 convolution.
  ///
  /// @param sites of y that the mean is over ([PoolLinear.Sites]); null: all
  /// @param mean receives y averaged over the sites of each image, (n, c) in f32; may be null
  public record Pointwise(
      Tensor x,
      @Nullable Tensor sites,
      Tensor packed,
      Activation activation,
      Tensor y,
      @Nullable Tensor mean)
      implements Op {
    @Override
    public String shape() {
      return sides(x) + " " + x.dim(3) + "->" + y.dim(3);
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(x, sites, packed);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(y, mean);
    }

    @Override
    public long flops() {
      return 2L * y.elements() * x.dim(3);
    }

    @Override
    public long dotFlops() {
      return x.storage() == Storage.BF16 ? flops() : 0;
    }

    @Override
    public long activations() {
      return activation.elements(y);
    }

    private MemorySegment descriptor(Launch l) {
      return Inference.descriptor(l, x, y, 1, 1, activation);
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(POINTWISE_WORKSPACE, descriptor(l));
    }

    @Override
    public void launch(Launch l) {
      l.call(POINTWISE, descriptor(l), x, sites, packed, y, mean, l.workspace());
    }
  }

  /// Shape of a [Block].
  ///
  /// @param expanded channels of the depthwise convolution
  /// @param squeeze width of the hidden layer of squeeze-excite
  /// @param kernel of the depthwise convolution, 3 or 5
  /// @param stride of it, 1 or 2
  /// @param residual whether the input is added to the output
  public record BlockShape(int expanded, int squeeze, int kernel, int stride, boolean residual) {}

  /// Packed weights of a [Block].
  ///
  /// @param expand null where nothing expands
  public record BlockWeights(
      @Nullable Tensor expand, Tensor depthwise, Tensor squeeze, Tensor excite, Tensor project) {}

  /// An inverted residual block with squeeze-excite (MBConv): a = SiLU(depthwise(SiLU(expand(x)))),
  /// gate = sigmoid(excite(SiLU(squeeze(mean of a)))), y = project(a gate) (+ x).
  ///
  /// @param sites of y that the mean is over ([PoolLinear.Sites]); null: all
  public record Block(
      Tensor x, @Nullable Tensor sites, BlockShape block, BlockWeights weights, Tensor y)
      implements Op {
    @Override
    public String shape() {
      return "%s %d->%d->%d k%ds%d"
          .formatted(sides(x), x.dim(3), block.expanded, y.dim(3), block.kernel, block.stride);
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(
          x,
          sites,
          weights.expand,
          weights.depthwise,
          weights.squeeze,
          weights.excite,
          weights.project);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(y);
    }

    private long inputPixels() {
      return (long) x.dim(0) * x.dim(1) * x.dim(2);
    }

    private long outputPixels() {
      return (long) y.dim(0) * y.dim(1) * y.dim(2);
    }

    @Override
    public long flops() {
      return dot() + 2 * outputPixels() * block.expanded * block.kernel * block.kernel;
    }

    @Override
    public long dotFlops() {
      return x.storage() == Storage.BF16 ? dot() : 0;
    }

    // Of the matrix products.
    private long dot() {
      long expansion = weights.expand == null ? 0 : inputPixels() * x.dim(3);
      long gate = 2L * x.dim(0) * block.squeeze;
      return 2L * block.expanded * (expansion + gate + outputPixels() * y.dim(3));
    }

    @Override
    public long activations() {
      long expansion = weights.expand == null ? 0 : inputPixels();
      long images = x.dim(0);
      return block.expanded * (expansion + outputPixels() + images) + images * block.squeeze;
    }

    private MemorySegment descriptor(Launch l) {
      return l.struct(
          BLOCK,
          x.shape(),
          block.expanded,
          block.squeeze,
          y.dim(3),
          block.kernel,
          block.stride,
          block.residual ? 1 : 0,
          x.storage().code());
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(BLOCK_WORKSPACE, descriptor(l));
    }

    @Override
    public void launch(Launch l) {
      BlockWeights w = weights;
      MemorySegment packed =
          l.struct(BLOCK_WEIGHTS, w.expand, w.depthwise, w.squeeze, w.excite, w.project);
      l.call(RUN_BLOCK, descriptor(l), x, sites, packed, y, l.workspace());
    }
  }

  private static String sides(Tensor x) {
    return x.dim(1) + "x" + x.dim(2);
  }

  private static MemorySegment descriptor(
      Launch l, Tensor x, Tensor y, int kernel, int stride, Activation activation) {
    return l.struct(
        INFERENCE, x.shape(), y.dim(3), kernel, stride, activation.code, y.storage().code());
  }
}
