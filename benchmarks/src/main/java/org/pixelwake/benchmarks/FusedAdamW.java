package org.pixelwake.benchmarks;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// AdamW as libtorch's one fused operation, which neither the C++ optimizer nor the Java binding
/// offers, but TorchScript does. It is the faster one.
final class FusedAdamW implements LibtorchOptimizer {
  private static final String SOURCE =
      """
      def empty() -> List[Tensor]:
          tensors: List[Tensor] = []
          return tensors

      def append(tensors: List[Tensor], tensor: Tensor) -> List[Tensor]:
          tensors.append(tensor)
          return tensors

      def append_zeros(tensors: List[Tensor], like: Tensor) -> List[Tensor]:
          tensors.append(torch.zeros_like(like))
          return tensors

      def append_zero(tensors: List[Tensor], like: Tensor) -> List[Tensor]:
          tensors.append(torch.zeros_like(torch.sum(like)))
          return tensors

      def update(parameters: List[Tensor], first: List[Tensor], second: List[Tensor],
                 steps: List[Tensor], rate: float, beta1: float, beta2: float,
                 decay: float, epsilon: float) -> int:
          gradients: List[Tensor] = []
          for parameter in parameters:
              gradient = parameter.grad
              assert gradient is not None
              gradients.append(gradient)
          torch._foreach_add_(steps, 1)
          none: List[Tensor] = []
          torch._fused_adamw_(parameters, gradients, first, second, none, steps, lr=rate,
                              beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon,
                              amsgrad=False, maximize=False)
          return len(gradients)
      """;

  private final CompilationUnit unit = torch.compile(SOURCE);
  private final Function update = function("update");
  private final IValue[] arguments;
  private final AdamW holder;

  FusedAdamW(TensorVector parameters) {
    try (NoGradGuard _ = new NoGradGuard()) {
      arguments =
          new IValue[] {
            list(parameters, "append"),
            list(parameters, "append_zeros"),
            list(parameters, "append_zeros"),
            list(parameters, "append_zero"),
            new IValue(RATE),
            new IValue(BETA1),
            new IValue(BETA2),
            new IValue(WEIGHT_DECAY),
            new IValue(EPSILON)
          };
    }
    // Only to release the gradients.
    holder = new AdamW(parameters);
  }

  @Override
  public void step() {
    update();
    holder.zero_grad(true);
  }

  /// Updates every parameter and keeps the gradients.
  void update() {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      update.apply(new IValueVector(arguments));
    }
  }

  private IValue list(TensorVector parameters, String how) {
    IValue tensors = function("empty").apply(new IValueVector());
    Function append = function(how);
    for (long i = 0; i < parameters.size(); i++) {
      append.apply(new IValueVector(tensors, new IValue(parameters.get(i))));
    }
    return tensors;
  }

  private Function function(String name) {
    return unit.find_function(new QualifiedName(name));
  }
}
