package org.pixelwake.engine;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pixelwake.engine.op.Operation;

/// Every operation in double precision, written down as `kernels.h` documents it: what the backends
/// are compared with, and what is differentiated numerically.
final class Reference {
  private Reference() {}

  /// By the class that holds the operations.
  private static final Map<Class<?>, FamilyReference> OF_CLASS = new HashMap<>();

  /// By the name of the kernels' family.
  private static final Map<String, FamilyReference> OF_NAME = new HashMap<>();

  static {
    for (Class<?> operation : operations(Operation.class)) {
      // What several processes do together has none.
      if (operation.getEnclosingClass() != null) {
        OF_CLASS.computeIfAbsent(operation.getEnclosingClass(), Reference::load);
      }
    }
    for (FamilyReference family : OF_CLASS.values()) {
      family.names().forEach(name -> OF_NAME.put(name, family));
    }
  }

  /// The records of all operations, through the interfaces of their families.
  static Set<Class<?>> operations(Class<?> sealed) {
    Set<Class<?>> records = new HashSet<>();
    for (Class<?> permitted : sealed.getPermittedSubclasses()) {
      // Not into Collective, which is one operation and no family of kernels.
      if (permitted.isSealed() && permitted.getEnclosingClass() != null) {
        records.addAll(operations(permitted));
      } else {
        records.add(permitted);
      }
    }
    return records;
  }

  private static FamilyReference load(Class<?> operations) {
    String name = Reference.class.getName() + operations.getSimpleName();
    try {
      return Class.forName(name)
          .asSubclass(FamilyReference.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          operations + " has no reference: write " + name + ", which implements FamilyReference",
          e);
    }
  }

  /// The families, by the names of their kernels.
  static Map<String, FamilyReference> families() {
    return Map.copyOf(OF_NAME);
  }

  private static FamilyReference of(Operation operation) {
    FamilyReference family = OF_CLASS.get(operation.getClass().getEnclosingClass());
    if (family == null) {
      throw FamilyReference.unknown(operation);
    }
    return family;
  }

  /// Computes what the operation computes; its inputs are in `v`, its outputs are put there.
  static void run(Operation operation, TensorValues v) {
    run(operation, v, false);
  }

  /// The same for a backend that `rounds` the operands of bf16 products, as `kernels.h` allows.
  static void run(Operation operation, TensorValues v, boolean rounds) {
    of(operation).run(operation, v, rounds);
  }

  static void run(List<Operation> operations, TensorValues v) {
    for (Operation operation : operations) {
      run(operation, v);
    }
  }

  /// Inputs that the operation changes where they lie.
  static List<Tensor> changed(Operation operation) {
    return of(operation).changed(operation);
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
