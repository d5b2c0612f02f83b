package org.pixelwake.benchmarks;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.pixelwake.engine.BatchNorm;
import org.pixelwake.engine.PoolLinear;
import org.pixelwake.engine.Residual;
import org.pixelwake.engine.SqueezeExcite;
import org.pixelwake.engine.Transform;
import org.pixelwake.engine.View;

/// An operation behind a batch norm of given statistics. Where there is a backward pass, it gives
/// the gradients of gamma and beta, which are all that Pixelwake computes here: the gradient of the
/// input is folded into the backward pass of the convolution that made it.
abstract class NormProblem extends Problem {
  final Shape shape;

  NormProblem(Pass pass, Shape shape) {
    super(pass);
    this.shape = shape;
    int c = shape.in();
    activation("x", shape.n(), shape.h(), shape.w(), c);
    parameter("gamma", 0.5, 1.5, c);
    parameter("beta", -0.5, 0.5, c);
    parameter("mean", -0.2, 0.2, c);
    parameter("var", 0.5, 1.5, c);
  }

  @Override
  final List<String> learned() {
    return List.of("beta", "gamma");
  }

  final int[] activationShape() {
    return new int[] {shape.n(), shape.h(), shape.w(), shape.in()};
  }

  static Tensor normalised(Map<String, Tensor> in) {
    return torch.batch_norm(
        in.get("x"),
        new TensorOptional(in.get("gamma")),
        new TensorOptional(in.get("beta")),
        new TensorOptional(in.get("mean")),
        new TensorOptional(in.get("var")),
        false,
        PixelwakeCalls.BATCH_NORM.momentum(),
        PixelwakeCalls.BATCH_NORM.eps(),
        false);
  }

  /// SiLU of the normalised activation, written out.
  static final class Activated extends NormProblem {
    Activated(Pass pass, Shape shape) {
      super(pass, shape);
    }

    @Override
    void pixelwake(PixelwakeCalls calls) {
      View x = calls.normalised(Transform.BN_SILU);
      calls.add(new BatchNorm.Apply(x, calls.result("y", activationShape())));
    }

    @Override
    Tensor libtorch(Map<String, Tensor> in) {
      return torch.silu(normalised(in));
    }

    @Override
    void nd4j(Nd4jWork work) {
      INDArray x = work.in("x");
      INDArray z = work.out(x.shape());
      INDArray y = work.out(x.shape());
      work.result("y", y);
      // With gamma, with beta, along the channels.
      work.add(
          DynamicCustomOp.builder("batchnorm")
              .addInputs(x, work.in("mean"), work.in("var"), work.in("gamma"), work.in("beta"))
              .addOutputs(z)
              .addFloatingPointArguments((double) PixelwakeCalls.BATCH_NORM.eps())
              .addIntegerArguments(1, 1, 3));
      // SiLU's derivative with respect to itself is not needed: x * sigmoid(x) by two operations,
      // for its swish cannot be called as a custom operation.
      work.add(DynamicCustomOp.builder("sigmoid").addInputs(z).addOutputs(y));
      work.add(DynamicCustomOp.builder("multiply").addInputs(z, y).addOutputs(y));
    }
  }

  /// The gate (n, c) of squeeze-excite, of the activation.
  static final class Gate extends NormProblem {
    Gate(Pass pass, Shape shape) {
      super(pass, shape);
      parameter("w1", -0.5, 0.5, shape.out(), shape.in());
      parameter("b1", -0.5, 0.5, shape.out());
      parameter("w2", -0.5, 0.5, shape.in(), shape.out());
      parameter("b2", -0.5, 0.5, shape.in());
    }

    @Override
    void pixelwake(PixelwakeCalls calls) {
      calls.add(
          new SqueezeExcite.Forward(
              calls.normalised(Transform.BN_SILU),
              calls.in("w1"),
              calls.in("b1"),
              calls.in("w2"),
              calls.in("b2"),
              calls.scratch("pooled", 3, shape.n(), shape.in()),
              calls.scratch("hidden", shape.n(), shape.out()),
              calls.result("y", shape.n(), shape.in())));
    }

    @Override
    Tensor libtorch(Map<String, Tensor> in) {
      Tensor pooled = torch.silu(normalised(in)).mean(2, 3);
      Tensor hidden = torch.linear(pooled, in.get("w1"), new TensorOptional(in.get("b1")));
      return torch.sigmoid(
          torch.linear(torch.silu(hidden), in.get("w2"), new TensorOptional(in.get("b2"))));
    }
  }

  /// The normalised projection of a block added to its skip connection.
  static final class Skip extends NormProblem {
    Skip(Pass pass, Shape shape) {
      super(pass, shape);
      activation("skip", shape.n(), shape.h(), shape.w(), shape.in());
      activation("dy", shape.n(), shape.h(), shape.w(), shape.in());
    }

    @Override
    void pixelwake(PixelwakeCalls calls) {
      View x = calls.normalised(Transform.BN);
      calls.add(
          pass() == Pass.FORWARD
              ? new Residual.Forward(
                  x, null, View.of(calls.in("skip")), calls.result("y", activationShape()))
              : new Residual.Backward(x, null, calls.in("dy"), calls.batchNormSums(shape.in())));
    }

    @Override
    Tensor libtorch(Map<String, Tensor> in) {
      return normalised(in).add(in.get("skip"));
    }
  }

  /// The embedding (n, c): the mean of the activation.
  static final class Pool extends NormProblem {
    Pool(Pass pass, Shape shape) {
      super(pass, shape);
      parameter("dy", -1, 1, shape.n(), shape.in());
    }

    @Override
    void pixelwake(PixelwakeCalls calls) {
      View x = calls.normalised(Transform.BN_SILU);
      calls.add(
          pass() == Pass.FORWARD
              ? new PoolLinear.PoolForward(x, calls.result("y", shape.n(), shape.in()))
              : new PoolLinear.PoolBackward(
                  x,
                  calls.in("dy"),
                  calls.scratch("dz", activationShape()),
                  calls.batchNormSums(shape.in())));
    }

    @Override
    Tensor libtorch(Map<String, Tensor> in) {
      return torch.silu(normalised(in)).mean(2, 3);
    }
  }
}
