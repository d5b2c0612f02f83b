package org.pixelwake.engine;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pixelwake.engine.op.Operation;

/// What tests know of the operations that one class of the engine holds: how their cases are drawn,
/// and what they compute, in double precision.
///
/// Those of the class `Residual` are in `ReferenceResidual`, by which name [Reference] finds them.
interface FamilyReference {
  /// Families of kernels, as `native/api/table.h` names them.
  Set<String> names();

  /// The operation of a case with drawn inputs.
  ///
  /// @param aliases is given the outputs that lie in an input's memory
  Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases);

  /// Computes what the operation computes; its inputs are in `v`, its outputs are put there.
  ///
  /// @param rounds whether the operands of bf16 products are rounded, as `kernels.h` allows
  void run(Operation operation, TensorValues v, boolean rounds);

  /// Inputs that the operation changes where they lie.
  default List<Tensor> changed(Operation operation) {
    return List.of();
  }

  /// What is wrong where an operation has no reference.
  static IllegalArgumentException unknown(Operation operation) {
    return new IllegalArgumentException("no reference of " + operation);
  }
}
