package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.plan.Gradients;

/// Products of the rows of hits with a matrix: of each hit's own row, or of the rows of the hits
/// around it with a matrix for each place (Graham & van der Maaten 2017).
public final class HitsProduct {
  private HitsProduct() {}

  public static final StructLayout PRODUCT =
      Symbol.struct(
          "pw_hits_product", Symbol.fields(I32, "n capacity c_in c_out taps gelu accumulate"));

  static final Symbol PRODUCT_WORKSPACE =
      Symbol.of("pw_hits_product_workspace", I64, PTR, PTR, I32);
  static final Symbol PRODUCT_FORWARD = Symbol.kernel("pw_hits_product_forward", 12);
  public static final Symbol PRODUCT_BACKWARD = Symbol.kernel("pw_hits_product_backward", 15);

  private static final int FORWARD = 0;
  private static final int BACKWARD = 1;

  /// The rows that a product multiplies with its weight.
  ///
  /// @param x rows (capacity, in)
  /// @param gelu whether gelu(x) is multiplied instead of x
  /// @param context added to every row of a cluster, after the GELU (n, in); null: nothing
  /// @param around whether the rows of the neighbours are multiplied too
  public record Factor(Tensor x, boolean gelu, @Nullable Tensor context, boolean around) {
    int taps() {
      return around ? Hits.NEIGHBOURS : 1;
    }

    MemorySegment struct(Launch l, Hits.Rows rows, int out) {
      return l.struct(PRODUCT, rows.n(), x.dim(0), x.dim(1), out, taps(), gelu ? 1 : 0, 0);
    }

    String shape(int out) {
      return (around ? "3x3 " : "") + x.dim(1) + "->" + out;
    }

    @Nullable Tensor neighbours(Hits.Rows rows) {
      return around ? rows.neighbours() : null;
    }

    long products(int out) {
      return 2L * x.dim(0) * x.dim(1) * out * taps();
    }
  }

  /// y (capacity, out) = weight times the factor, summed over the neighbours, + bias + addend.
  ///
  /// @param weight (out, in, 3, 3) over neighbours, else (out, in)
  /// @param bias (out); null: none
  public record Forward(
      Hits.Rows rows,
      Factor factor,
      Tensor weight,
      @Nullable Tensor bias,
      @Nullable Tensor addend,
      Tensor y)
      implements Hits.Op {
    @Override
    public String shape() {
      return factor.shape(y.dim(1));
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(
          rows.offsets(),
          factor.neighbours(rows),
          rows.cluster(),
          factor.x,
          factor.context,
          weight,
          bias,
          addend);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(y);
    }

    @Override
    public long flops() {
      return factor.products(y.dim(1));
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(PRODUCT_WORKSPACE, factor.struct(l, rows, y.dim(1)), FORWARD);
    }

    @Override
    public void launch(Launch l) {
      l.call(
          PRODUCT_FORWARD,
          factor.struct(l, rows, y.dim(1)),
          rows.offsets(),
          factor.neighbours(rows),
          rows.cluster(),
          factor.x,
          factor.context,
          weight,
          bias,
          addend,
          y,
          l.workspace());
    }

    @Override
    public void backward(Gradients g) {
      Tensor dy = g.pending(y);
      if (dy == null) {
        return;
      }
      if (addend != null) {
        g.contribute(addend, dy);
      }
      Tensor x = factor.x;
      Tensor context = factor.context;
      Tensor dx = g.wanted(x) ? g.like(x, "d") : null;
      Tensor dcontext = context != null && g.wanted(context) ? g.like(context, "d") : null;
      g.add(
          new Backward(
              rows,
              factor,
              weight,
              dy,
              dx == null ? null : g.pending(x),
              dx,
              dcontext,
              g.parameter(weight),
              bias == null ? null : g.parameter(bias)));
      if (dx != null) {
        Hits.give(g, x, dx);
      }
      if (context != null && dcontext != null) {
        g.contribute(context, dcontext);
      }
    }
  }

  /// Gradients of [Forward]; dx has the addend added.
  public record Backward(
      Hits.Rows rows,
      Factor factor,
      Tensor weight,
      Tensor dy,
      @Nullable Tensor addend,
      @Nullable Tensor dx,
      @Nullable Tensor dcontext,
      @Nullable Tensor dweight,
      @Nullable Tensor dbias)
      implements Hits.Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return factor.shape(dy.dim(1));
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(
          rows.offsets(),
          factor.neighbours(rows),
          rows.cluster(),
          factor.x,
          factor.context,
          weight,
          dy,
          addend);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(dx, dcontext, dweight, dbias);
    }

    @Override
    public @Nullable Tensor inPlace(Tensor output) {
      return output == dx ? addend : null;
    }

    @Override
    public long flops() {
      boolean inward = dx != null || dcontext != null;
      return factor.products(dy.dim(1)) * ((inward ? 1 : 0) + (dweight != null ? 1 : 0));
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(PRODUCT_WORKSPACE, factor.struct(l, rows, dy.dim(1)), BACKWARD);
    }

    @Override
    public void launch(Launch l) {
      l.call(
          PRODUCT_BACKWARD,
          factor.struct(l, rows, dy.dim(1)),
          rows.offsets(),
          factor.neighbours(rows),
          rows.cluster(),
          factor.x,
          factor.context,
          weight,
          dy,
          addend,
          dx,
          dcontext,
          dweight,
          dbias,
          l.workspace());
    }
  }
}
