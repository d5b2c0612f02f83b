package org.pixelwake.engine;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.HitsProduct;
import org.pixelwake.engine.op.Operation;

/// Products over hits, a hit, a place and a channel at a time. Their cases are those of
/// [ReferenceHits].
final class ReferenceHitsProduct implements FamilyReference {
  ReferenceHitsProduct() {}

  @Override
  public Set<String> names() {
    return Set.of();
  }

  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    throw spec.unknown();
  }

  /// `product_forward` and `product_backward` with channels c and o, `[around] [gelu] [context]
  /// [addend] [addend_in_place]`, forward `[no_bias]` and, backward, `[no_dx] [no_dcontext]
  /// [no_dweight] [no_dbias]`.
  static Operation operation(
      Spec spec, Draw draw, ReferenceHits.Clusters clusters, Map<Tensor, Tensor> aliases) {
    int hits = clusters.hits;
    int c = spec.number("c");
    int o = spec.number("o");
    boolean around = spec.has("around");
    Hits.Rows rows = clusters.rows(draw);
    HitsProduct.Factor factor =
        new HitsProduct.Factor(
            draw.vector("x", 0, 1.2, hits, c),
            spec.has("gelu"),
            spec.has("context") ? draw.vector("context", 0, 1, clusters.n, c) : null,
            around);
    Tensor weight =
        around
            ? draw.vector("weight", 0, 1 / Math.sqrt(4 * c), o, c, 3, 3)
            : draw.vector("weight", 0, 1 / Math.sqrt(c), o, c);
    return switch (spec.function()) {
      case "product_forward" -> {
        Tensor y = draw.output("y", hits, o);
        yield new HitsProduct.Forward(
            rows,
            factor,
            weight,
            spec.has("no_bias") ? null : draw.vector("bias", 0, 1, o),
            ReferenceHits.addend(spec, draw, y, aliases),
            y);
      }
      case "product_backward" -> {
        boolean inward = !spec.has("no_dx");
        Tensor dx = inward ? draw.output("dx", hits, c) : null;
        boolean weights = !spec.has("no_dweight");
        yield new HitsProduct.Backward(
            rows,
            factor,
            weight,
            draw.vector("dy", 0, 1, hits, o),
            dx == null ? null : ReferenceHits.addend(spec, draw, dx, aliases),
            dx,
            factor.context() != null && !spec.has("no_dcontext")
                ? draw.output("dcontext", clusters.n, c)
                : null,
            weights ? draw.output("dweight", weight.shape()) : null,
            weights && !spec.has("no_dbias") ? draw.output("dbias", o) : null);
      }
      default -> throw spec.unknown();
    };
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case HitsProduct.Forward op -> forward(op, v);
      case HitsProduct.Backward op -> backward(op, v);
      default -> throw FamilyReference.unknown(operation);
    }
  }

  // Returns the rows that are multiplied, after GELU and context.
  private static double[] factor(HitsProduct.Factor factor, Hits.Rows rows, TensorValues v) {
    double[] u = v.get(factor.x()).clone();
    int c = factor.x().dim(1);
    for (int i = 0; i < u.length; i++) {
      u[i] = factor.gelu() ? ReferenceHits.gelu(u[i]) : u[i];
      if (factor.context() != null) {
        u[i] += v.get(factor.context())[v.ints(rows.cluster())[i / c] * c + i % c];
      }
    }
    return u;
  }

  // The row in a place around a row, -1 where there is none.
  private static int source(
      HitsProduct.Factor factor, Hits.Rows rows, TensorValues v, int r, int k) {
    return factor.around() ? v.ints(rows.neighbours())[9 * r + k] : r;
  }

  private static void forward(HitsProduct.Forward op, TensorValues v) {
    double[] u = factor(op.factor(), op.rows(), v);
    double[] weight = v.get(op.weight());
    double[] addend = values(op.addend(), v, op.y());
    double[] y = v.fresh(op.y());
    int c = op.factor().x().dim(1);
    int o = op.y().dim(1);
    int taps = weight.length / (c * o);
    for (int i = 0; i < y.length; i++) {
      y[i] = (op.bias() == null ? 0 : v.get(op.bias())[i % o]) + addend[i];
      for (int k = 0; k < taps; k++) {
        int source = source(op.factor(), op.rows(), v, i / o, k);
        for (int j = 0; source >= 0 && j < c; j++) {
          y[i] += weight[(i % o * c + j) * taps + k] * u[source * c + j];
        }
      }
    }
  }

  private static double[] values(@Nullable Tensor tensor, TensorValues v, Tensor like) {
    return tensor == null ? new double[Math.toIntExact(like.elements())] : v.get(tensor).clone();
  }

  private static void backward(HitsProduct.Backward op, TensorValues v) {
    HitsProduct.Factor factor = op.factor();
    double[] u = factor(factor, op.rows(), v);
    double[] weight = v.get(op.weight());
    double[] dy = v.get(op.dy());
    int c = factor.x().dim(1);
    int o = op.dy().dim(1);
    int taps = weight.length / (c * o);
    double[] du = new double[u.length];
    double[] dweight = new double[weight.length];
    double[] dbias = new double[o];
    for (int i = 0; i < dy.length; i++) {
      dbias[i % o] += dy[i];
      for (int k = 0; k < taps; k++) {
        int source = source(factor, op.rows(), v, i / o, k);
        for (int j = 0; source >= 0 && j < c; j++) {
          int at = (i % o * c + j) * taps + k;
          du[source * c + j] += weight[at] * dy[i];
          dweight[at] += u[source * c + j] * dy[i];
        }
      }
    }
    if (op.dweight() != null) {
      v.put(op.dweight(), dweight);
    }
    if (op.dbias() != null) {
      v.put(op.dbias(), dbias);
    }
    if (op.dcontext() != null) {
      double[] dcontext = v.fresh(op.dcontext());
      Arrays.setAll(dcontext, i -> 0);
      for (int i = 0; i < du.length; i++) {
        dcontext[v.ints(op.rows().cluster())[i / c] * c + i % c] += du[i];
      }
    }
    if (op.dx() != null) {
      double[] x = v.get(factor.x());
      double[] addend = values(op.addend(), v, op.dx());
      double[] dx = v.fresh(op.dx());
      for (int i = 0; i < dx.length; i++) {
        dx[i] = du[i] * (factor.gelu() ? ReferenceHits.geluSlope(x[i]) : 1) + addend[i];
      }
    }
  }
}
