package org.pixelwake.engine;

import java.util.Arrays;
import java.util.stream.Collectors;

/// A value of a [Graph]: a name, a shape and a storage type. It holds no memory; a [Program] places
/// it.
///
/// Activations have shape (n, h, w, c).
public final class Tensor {
  /// Where a tensor lives.
  public enum Role {
    /// Written by the host before a run.
    INPUT,
    /// Learned; lives in a [ParameterStore].
    PARAMETER,
    /// Kept from step to step without being learned (running statistics); lives in a
    /// [ParameterStore].
    STATE,
    /// A range of a whole slab of a [ParameterStore], named `SLAB` or `SLAB@first element`.
    SLAB,
    /// Read by the host after a run.
    RESULT,
    /// Lives from the operation that writes it to the last that reads it.
    INTERMEDIATE
  }

  private final String name;
  private final Role role;
  private final Storage storage;
  private final int[] shape;

  public Tensor(String name, Role role, Storage storage, int... shape) {
    this.name = name;
    this.role = role;
    this.storage = storage;
    this.shape = shape.clone();
    for (int side : shape) {
      if (side <= 0) {
        throw new IllegalArgumentException(name + ": shape " + Arrays.toString(shape));
      }
    }
  }

  /// Name; parameters and states are named as in the state dict of the reference.
  public String name() {
    return name;
  }

  /// Where it lives.
  public Role role() {
    return role;
  }

  /// Storage of its elements.
  public Storage storage() {
    return storage;
  }

  /// Length of one dimension.
  public int dim(int axis) {
    return shape[axis];
  }

  /// All dimensions.
  public int[] shape() {
    return shape.clone();
  }

  /// Number of elements.
  public long elements() {
    long product = 1;
    for (int side : shape) {
      product *= side;
    }
    return product;
  }

  /// Size in memory.
  public long bytes() {
    return elements() * storage.bytes();
  }

  @Override
  public String toString() {
    return name
        + ":"
        + storage.name().toLowerCase(java.util.Locale.ROOT)
        + "["
        + Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining("x"))
        + "]";
  }
}
