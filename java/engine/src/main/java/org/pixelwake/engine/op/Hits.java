package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.F32;
import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.plan.Gradients;

/// Networks over hits: submanifold sparse convolutions (Graham & van der Maaten 2017), layer norm
/// (Ba et al. 2016), GELU (Hendrycks & Gimpel 2016) and sums over the hits of a cluster.
///
/// Tensors of hits are f32 (capacity, c), without padding between clusters; rows behind the last
/// hit of the batch are neither read nor written. The hits of a cluster lie in different pixels,
/// ordered by y, then x.
public final class Hits {
  private Hits() {}

  /// An operation of the family.
  public sealed interface Op extends Operation
      permits Neighbours,
          Features,
          NormForward,
          NormBackward,
          PoolForward,
          PoolBackward,
          HitsProduct.Forward,
          HitsProduct.Backward {
    @Override
    default String family() {
      return "hits";
    }
  }

  /// Numbers that say what a hit is.
  public static final int FEATURES = 9;

  /// Places of neighbours, the hit's own among them.
  public static final int NEIGHBOURS = 9;

  static final StructLayout HITS =
      Symbol.struct(
          "pw_hits",
          Symbol.fields(I32, "n capacity augment"),
          Symbol.fields(F32, "energy_scale toa_scale"));
  public static final StructLayout NORM =
      Symbol.struct(
          "pw_hits_norm",
          Symbol.fields(I32, "n capacity c"),
          Symbol.fields(F32, "eps"),
          Symbol.fields(I32, "accumulate"));
  static final StructLayout POOL =
      Symbol.struct("pw_hits_pool", Symbol.fields(I32, "n capacity c all"));

  static final Symbol NEIGHBOURS_OF = Symbol.kernel("pw_hits_neighbours", 9);
  static final Symbol FEATURES_OF = Symbol.kernel("pw_hits_features", 10);
  static final Symbol NORM_WORKSPACE = Symbol.of("pw_hits_norm_workspace", I64, PTR, PTR);
  static final Symbol NORM_FORWARD = Symbol.kernel("pw_hits_norm_forward", 8);
  public static final Symbol NORM_BACKWARD = Symbol.kernel("pw_hits_norm_backward", 12);
  static final Symbol POOL_FORWARD = Symbol.kernel("pw_hits_pool_forward", 6);
  static final Symbol POOL_BACKWARD = Symbol.kernel("pw_hits_pool_backward", 9);

  /// How hits are described to a network; stored with a trained network.
  ///
  /// @param augment turn clusters at random by the symmetries of the square
  /// @param symmetry of all clusters where they are not turned at random, as [Rasterize.Attributes]
  ///   counts them
  /// @param energyScale energy that becomes 1 as square root and linear
  /// @param toaScale time after the first hit, in ns, that becomes 1 as square root and linear; 0:
  ///   no time
  public record Attributes(boolean augment, int symmetry, float energyScale, float toaScale) {
    MemorySegment struct(Launch l, Rasterize.Hits hits, int capacity) {
      int n = hits.offsets().dim(0) - 1;
      return l.struct(HITS, n, capacity, augment ? 1 : symmetry + 2, energyScale, toaScale);
    }
  }

  /// Which rows belong together.
  ///
  /// @param offsets i32 (n + 1): where the hits of each cluster start
  /// @param neighbours i32 (capacity, 9): rows of the hits around each, -1 where there is none
  /// @param cluster i32 (capacity): cluster of each row
  public record Rows(Tensor offsets, Tensor neighbours, Tensor cluster) {
    /// Number of clusters.
    public int n() {
      return offsets.dim(0) - 1;
    }

    /// Rows that there is room for.
    public int capacity() {
      return cluster.dim(0);
    }
  }

  /// Finds the neighbours of hits, and the cluster of each.
  public record Neighbours(Attributes attributes, Tensor step, Rasterize.Hits hits, Rows rows)
      implements Op {
    @Override
    public String shape() {
      return "neighbours";
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(step, hits.x(), hits.y(), hits.offsets(), hits.ids());
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(rows.neighbours, rows.cluster);
    }

    @Override
    public void launch(Launch l) {
      l.call(
          NEIGHBOURS_OF,
          attributes.struct(l, hits, rows.capacity()),
          step,
          hits.x(),
          hits.y(),
          hits.offsets(),
          hits.ids(),
          rows.neighbours,
          rows.cluster);
    }

    @Override
    public void backward(Gradients g) {
      // Hits are data.
    }
  }

  /// Describes hits: energy and time as square root, logarithm and linear, and the place in the
  /// cluster (capacity, 9).
  public record Features(Attributes attributes, Tensor step, Rasterize.Hits hits, Tensor features)
      implements Op {
    @Override
    public String shape() {
      return "features";
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(
          step, hits.x(), hits.y(), hits.energy(), hits.toa(), hits.offsets(), hits.ids());
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(features);
    }

    @Override
    public void launch(Launch l) {
      l.call(
          FEATURES_OF,
          attributes.struct(l, hits, features.dim(0)),
          step,
          hits.x(),
          hits.y(),
          hits.energy(),
          hits.toa(),
          hits.offsets(),
          hits.ids(),
          features);
    }

    @Override
    public void backward(Gradients g) {
      // Hits are data.
    }
  }

  static void give(Gradients g, Tensor x, Tensor dx) {
    // It has taken up what was known before.
    g.set(View.of(x), dx, null);
  }

  /// Layer norm of each row.
  ///
  /// @param eps added to the variance
  /// @param moments receives mean and 1 / deviation (capacity, 2)
  public record NormForward(
      Rows rows, float eps, Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor moments)
      implements Op {
    @Override
    public String shape() {
      return "norm " + x.dim(1);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(rows.offsets, x, gamma, beta);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(y, moments);
    }

    @Override
    public void launch(Launch l) {
      l.call(NORM_FORWARD, norm(l, rows, x, eps), rows.offsets, x, gamma, beta, y, moments);
    }

    @Override
    public void backward(Gradients g) {
      Tensor dy = g.pending(y);
      if (dy == null) {
        return;
      }
      Tensor dx = g.like(x, "d");
      g.add(
          new NormBackward(
              rows,
              eps,
              x,
              gamma,
              moments,
              dy,
              g.pending(x),
              dx,
              g.parameter(gamma),
              g.parameter(beta)));
      if (g.wanted(x)) {
        give(g, x, dx);
      }
    }
  }

  private static MemorySegment norm(Launch l, Rows rows, Tensor x, float eps) {
    return l.struct(NORM, rows.n(), x.dim(0), x.dim(1), eps, 0);
  }

  /// Gradients of [NormForward]; dx has the addend added.
  public record NormBackward(
      Rows rows,
      float eps,
      Tensor x,
      Tensor gamma,
      Tensor moments,
      Tensor dy,
      @Nullable Tensor addend,
      Tensor dx,
      @Nullable Tensor dgamma,
      @Nullable Tensor dbeta)
      implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return "norm " + x.dim(1);
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(rows.offsets, x, gamma, moments, dy, addend);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(dx, dgamma, dbeta);
    }

    @Override
    public @Nullable Tensor inPlace(Tensor output) {
      return output == dx ? addend : null;
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(NORM_WORKSPACE, norm(l, rows, x, eps));
    }

    @Override
    public void launch(Launch l) {
      l.call(
          NORM_BACKWARD,
          norm(l, rows, x, eps),
          rows.offsets,
          x,
          gamma,
          moments,
          dy,
          addend,
          dx,
          dgamma,
          dbeta,
          l.workspace());
    }
  }

  /// Gathers gelu(x) over the hits of each cluster.
  ///
  /// @param pooled receives the mean (n, c), or mean, sum / 10 and maximum (n, 3 c)
  /// @param largest receives the rows of the maxima, i32 (n, c); null where the mean alone is
  ///   gathered
  public record PoolForward(Rows rows, Tensor x, Tensor pooled, @Nullable Tensor largest)
      implements Op {
    @Override
    public String shape() {
      return "pool " + x.dim(1);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(rows.offsets, x);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(pooled, largest);
    }

    @Override
    public void launch(Launch l) {
      l.call(POOL_FORWARD, pool(l, rows, x, largest), rows.offsets, x, pooled, largest);
    }

    @Override
    public void backward(Gradients g) {
      Tensor dpooled = g.pending(pooled);
      if (dpooled == null || !g.wanted(x)) {
        return;
      }
      Tensor dx = g.like(x, "d");
      g.add(new PoolBackward(rows, x, largest, dpooled, g.pending(x), dx));
      give(g, x, dx);
    }
  }

  private static MemorySegment pool(Launch l, Rows rows, Tensor x, @Nullable Tensor largest) {
    return l.struct(POOL, rows.n(), x.dim(0), x.dim(1), largest == null ? 0 : 1);
  }

  /// Gradient of [PoolForward]; dx has the addend added.
  public record PoolBackward(
      Rows rows,
      Tensor x,
      @Nullable Tensor largest,
      Tensor dpooled,
      @Nullable Tensor addend,
      Tensor dx)
      implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return "pool " + x.dim(1);
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(rows.offsets, rows.cluster, x, largest, dpooled, addend);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dx);
    }

    @Override
    public @Nullable Tensor inPlace(Tensor output) {
      return output == dx ? addend : null;
    }

    @Override
    public void launch(Launch l) {
      l.call(
          POOL_BACKWARD,
          pool(l, rows, x, largest),
          rows.offsets,
          rows.cluster,
          x,
          largest,
          dpooled,
          addend,
          dx);
    }
  }
}
