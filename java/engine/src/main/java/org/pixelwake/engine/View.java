package org.pixelwake.engine;

import org.jspecify.annotations.Nullable;

/// An activation as its consumers see it: a raw tensor (n, h, w, c) and the transform that they
/// apply on loading.
///
/// @param data the tensor in memory
/// @param transform what to do to it
/// @param bn the vectors scale, shift, mean and rstd (4, c) of its batch norm; null where there is
///   none
/// @param gate squeeze-excite gate (n, c); null where there is none
/// @param sites that averages over rows and columns are taken over
///   ([org.pixelwake.engine.op.PoolLinear.Sites]); null: all
public record View(
    Tensor data,
    Transform transform,
    @Nullable Tensor bn,
    @Nullable Tensor gate,
    @Nullable Tensor sites) {

  public View {
    if ((bn == null) != (transform == Transform.NONE)
        || (gate == null) != (transform != Transform.BN_SILU_GATE)) {
      throw new IllegalArgumentException("vectors do not match " + transform + " of " + data);
    }
  }

  /// A view whose averages are over all sites.
  public View(Tensor data, Transform transform, @Nullable Tensor bn, @Nullable Tensor gate) {
    this(data, transform, bn, gate, null);
  }

  /// Returns the same view with averages over some of its sites; null: all.
  public View over(@Nullable Tensor some) {
    return new View(data, transform, bn, gate, some);
  }

  /// The tensor as it is.
  public static View of(Tensor data) {
    return new View(data, Transform.NONE, null, null);
  }

  /// Elements whose SiLU a consumer evaluates.
  public long activations() {
    return transform.activates() ? data.elements() : 0;
  }

  /// Rows and columns for people.
  public String sides() {
    return h() + "x" + w();
  }

  /// Images.
  public int n() {
    return data.dim(0);
  }

  /// Rows.
  public int h() {
    return data.dim(1);
  }

  /// Columns.
  public int w() {
    return data.dim(2);
  }

  /// Channels.
  public int c() {
    return data.dim(3);
  }
}
