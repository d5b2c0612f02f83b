package org.pixelwake.engine;

import java.util.List;

/// Every operation in double precision, written down as `kernels.h` documents it: what the backends
/// are compared with, and what is differentiated numerically.
final class Reference {
  private Reference() {}

  /// Computes what the operation computes; its inputs are in `v`, its outputs are put there.
  static void run(Operation operation, Values v) {
    run(operation, v, false);
  }

  /// The same for a backend that `rounds` the operands of bf16 products, as `kernels.h` allows.
  static void run(Operation operation, Values v, boolean rounds) {
    switch (operation) {
      case Collective op -> throw new IllegalArgumentException(op + " takes several processes");
      case Convolution.Forward op -> ReferenceConvolution.forward(op, v, rounds);
      case Convolution.Backward op -> ReferenceConvolution.backward(op, v, rounds);
      case BatchNorm.Forward op -> ReferenceNorm.forward(op, v);
      case BatchNorm.Backward op -> ReferenceNorm.backward(op, v);
      case BatchNorm.Apply op -> v.put(op.y(), ReferenceNorm.transformed(op.x(), v));
      case Inference.Dense op -> ReferenceInference.dense(op, v);
      case Inference.Pointwise op -> ReferenceInference.pointwise(op, v, rounds);
      case Inference.Block op -> ReferenceInference.block(op, v, rounds);
      case SqueezeExcite.Forward op -> ReferenceSqueezeExcite.forward(op, v);
      case SqueezeExcite.Backward op -> ReferenceSqueezeExcite.backward(op, v);
      case Residual.Forward op -> ReferenceResidual.forward(op, v);
      case Residual.Backward op -> ReferenceResidual.backward(op, v);
      case Residual.DropPath op -> ReferenceResidual.dropPath(op, v);
      case PoolLinear.PoolForward op -> ReferencePoolLinear.poolForward(op, v);
      case PoolLinear.PoolBackward op -> ReferencePoolLinear.poolBackward(op, v);
      case PoolLinear.LinearForward op -> ReferencePoolLinear.linearForward(op, v);
      case PoolLinear.LinearBackward op -> ReferencePoolLinear.linearBackward(op, v);
      case PoolLinear.DropoutForward op ->
          ReferencePoolLinear.dropout(op.drop(), op.step(), op.x(), op.y(), v);
      case PoolLinear.DropoutBackward op ->
          ReferencePoolLinear.dropout(op.drop(), op.step(), op.dy(), op.dx(), v);
      case Rasterize.Forward op -> ReferenceRasterize.forward(op, v);
      case Loss.Autoencoder op -> ReferenceLoss.forward(op, v);
      case Loss.Supervised op -> ReferenceSupervised.forward(op, v);
      case Optimizer.GradientNorm op -> ReferenceOptimizer.gradientNorm(op, v);
      case Optimizer.AdamW op -> ReferenceOptimizer.adamW(op, v);
      case Optimizer.Average op -> ReferenceOptimizer.average(op, v);
    }
  }

  static void run(List<Operation> operations, Values v) {
    for (Operation operation : operations) {
      run(operation, v);
    }
  }

  /// Inputs that the operation changes where they lie.
  static List<Tensor> changed(Operation operation) {
    return switch (operation) {
      case BatchNorm.Forward op when op.stats() != null ->
          List.of(op.runningMean(), op.runningVar());
      case Optimizer.AdamW op ->
          op.parameters().stream()
              .flatMap(p -> Operation.present(p.value(), p.m(), p.v(), p.ema()).stream())
              .toList();
      case Optimizer.Average op -> List.of(op.average());
      default -> List.of();
    };
  }

  static double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
  }

  static double silu(double z) {
    return z * sigmoid(z);
  }

  static double siluSlope(double z) {
    double s = sigmoid(z);
    return s * (1 + z * (1 - s));
  }
}
