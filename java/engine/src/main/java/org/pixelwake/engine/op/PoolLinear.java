package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.F32;
import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.plan.Gradients;

/// Global average pooling (the embedding), dropout (Srivastava et al. 2014) and linear layers.
public final class PoolLinear {
  private PoolLinear() {}

  /// An operation of the family.
  public sealed interface Op extends Operation {
    @Override
    default String family() {
      return "pool_linear";
    }
  }

  public static final StructLayout LINEAR =
      Symbol.struct("pw_linear", Symbol.fields(I32, "n c_in c_out accumulate"));
  static final StructLayout DROPOUT =
      Symbol.struct(
          "pw_dropout",
          Symbol.fields(I32, "n c layer"),
          Symbol.fields(F32, "probability"),
          Symbol.fields(I32, "first"));

  static final StructLayout SITE_LEVEL =
      Symbol.struct(
          "pw_site_level", Symbol.fields(PTR, "sites"), Symbol.fields(I32, "halvings reserved"));

  static final Symbol POOL_SITES = Symbol.status("pw_pool_sites", PTR, PTR, PTR, I64, PTR);
  static final Symbol POOL_FORWARD = Symbol.kernel("pw_pool_forward", 5);
  static final Symbol POOL_WORKSPACE = Symbol.of("pw_pool_workspace", I64, PTR, PTR);
  static final Symbol POOL_BACKWARD = Symbol.kernel("pw_pool_backward", 8);
  static final Symbol POOL_SPREAD = Symbol.kernel("pw_pool_spread", 5);
  static final Symbol LINEAR_FORWARD = Symbol.kernel("pw_linear_forward", 6);
  public static final Symbol LINEAR_BACKWARD = Symbol.kernel("pw_linear_backward", 8);
  static final Symbol DROPOUT_FORWARD = Symbol.kernel("pw_dropout_forward", 5);

  /// The sites of images at one resolution, those of sides that were halved so many times.
  ///
  /// @param sites shaped by [#siteShape]: for each site 1 where it is active, else 0, then how many
  ///   each image has
  public record SiteLevel(int halvings, Tensor sites) {}

  /// Shape of the sites of n tensors of h rows and w columns.
  public static int[] siteShape(int n, int h, int w) {
    return new int[] {n * (h * w + 1)};
  }

  /// The active sites of images (n, h, w, c) at 1 to 8 resolutions: those that stand for a pixel in
  /// which a channel is not 0. Averages over them leave out the empty canvas. No gradient passes
  /// through them.
  public record Sites(Tensor image, List<SiteLevel> levels) implements Op {
    public Sites {
      levels = List.copyOf(levels);
    }

    @Override
    public String shape() {
      return View.of(image).sides() + " x" + levels.size();
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(image);
    }

    @Override
    public List<Tensor> outputs() {
      return levels.stream().map(SiteLevel::sites).toList();
    }

    @Override
    public void launch(Launch l) {
      List<@Nullable Object[]> structs = new ArrayList<>();
      for (SiteLevel level : levels) {
        structs.add(new Object[] {level.sites, level.halvings});
      }
      l.call(
          POOL_SITES,
          BatchNorm.tensor(l, View.of(image)),
          image,
          (long) structs.size(),
          l.structs(SITE_LEVEL, structs));
    }

    @Override
    public void backward(Gradients g) {
      // Which pixels are hit does not change with their values.
    }
  }

  /// embedding (n, c) = mean over `sites` ([Sites]), or over all pixels where they are null, of
  /// SiLU(batch norm(x)).
  public record PoolForward(View x, @Nullable Tensor sites, Tensor embedding) implements Op {
    @Override
    public String shape() {
      return x.sides() + " " + x.c();
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(x.data(), x.bn(), sites);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(embedding);
    }

    @Override
    public long activations() {
      return x.activations();
    }

    @Override
    public void launch(Launch l) {
      l.call(POOL_FORWARD, BatchNorm.tensor(l, x), x, sites, embedding);
    }

    @Override
    public void backward(Gradients g) {
      Tensor dembedding = g.pending(embedding);
      if (dembedding == null || !g.wanted(x.data())) {
        return;
      }
      if (g.shared(x.data())) {
        // What else reads x comes later in this walk, and adds this.
        Tensor dx = g.like(x.data(), "dpooled");
        g.add(new PoolSpread(View.of(x.data()), sites, dembedding, dx));
        g.contribute(x.data(), dx);
        return;
      }
      Tensor dz = g.like(x.data(), "d");
      Tensor sums = g.vector("sums", x.data(), 2, x.c());
      g.add(new PoolBackward(x, sites, dembedding, dz, sums));
      g.set(x, dz, sums);
    }
  }

  /// Gradient of what was averaged, dx (n, h, w, c), for another backward pass into it to add.
  ///
  /// @param x for its shape
  public record PoolSpread(View x, @Nullable Tensor sites, Tensor dembedding, Tensor dx)
      implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return x.sides() + " " + x.c();
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(sites, dembedding);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dx);
    }

    @Override
    public void launch(Launch l) {
      l.call(POOL_SPREAD, BatchNorm.tensor(l, x), sites, dembedding, dx);
    }
  }

  /// Gradient of the batch norm's output, and its sums.
  public record PoolBackward(
      View x, @Nullable Tensor sites, Tensor dembedding, Tensor dz, Tensor sums) implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return x.sides() + " " + x.c();
    }

    @Override
    public List<Tensor> inputs() {
      return Operation.present(x.data(), x.bn(), sites, dembedding);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dz, sums);
    }

    @Override
    public long activations() {
      return x.activations();
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(POOL_WORKSPACE, BatchNorm.tensor(l, x));
    }

    @Override
    public void launch(Launch l) {
      l.call(POOL_BACKWARD, BatchNorm.tensor(l, x), x, sites, dembedding, dz, sums, l.workspace());
    }
  }

  private static MemorySegment linear(Launch l, Tensor x, Tensor weight) {
    return l.struct(LINEAR, x.dim(0), weight.dim(1), weight.dim(0), 0);
  }

  /// y (n, out) = x (n, in) weight^T + bias.
  public record LinearForward(Tensor x, Tensor weight, Tensor bias, Tensor y) implements Op {
    @Override
    public String shape() {
      return weight.dim(1) + "->" + weight.dim(0);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(x, weight, bias);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(y);
    }

    @Override
    public long flops() {
      return 2L * x.dim(0) * weight.elements();
    }

    @Override
    public void launch(Launch l) {
      l.call(LINEAR_FORWARD, linear(l, x, weight), x, weight, bias, y);
    }

    @Override
    public void backward(Gradients g) {
      Tensor dy = g.pending(y);
      if (dy == null) {
        return;
      }
      Tensor dx = g.wanted(x) ? g.like(x, "d") : null;
      g.add(new LinearBackward(x, weight, dy, dx, g.orScratch(weight), g.orScratch(bias)));
      if (dx != null) {
        g.contribute(x, dx);
      }
    }
  }

  /// Gradients of [LinearForward].
  public record LinearBackward(
      Tensor x, Tensor weight, Tensor dy, @Nullable Tensor dx, Tensor dweight, Tensor dbias)
      implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return weight.dim(1) + "->" + weight.dim(0);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(x, weight, dy);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(dx, dweight, dbias);
    }

    @Override
    public long flops() {
      return 2L * x.dim(0) * weight.elements() * (dx == null ? 1 : 2);
    }

    @Override
    public void launch(Launch l) {
      l.call(LINEAR_BACKWARD, linear(l, x, weight), x, weight, dy, dx, dweight, dbias);
    }
  }

  /// What a dropout draws; the same mask for the same attributes, step and image.
  ///
  /// @param layer number of the layer in the network, which keys its random numbers
  /// @param probability of dropping an element, in [0, 1)
  /// @param first number of image 0 in the batch of all processes ([Graph#firstImage])
  public record Drop(int layer, float probability, int first) {
    private void launch(Launch l, Tensor step, Tensor x, Tensor y) {
      MemorySegment drop = l.struct(DROPOUT, x.dim(0), x.dim(1), layer, probability, first);
      l.call(DROPOUT_FORWARD, drop, step, x, y);
    }
  }

  /// y (n, c): 0 with the given probability, else x / (1 - probability), drawn anew for each step
  /// and element.
  public record DropoutForward(Drop drop, Tensor step, Tensor x, Tensor y) implements Op {
    @Override
    public String shape() {
      return "dropout " + x.dim(1);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(step, x);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(y);
    }

    @Override
    public void launch(Launch l) {
      drop.launch(l, step, x, y);
    }

    @Override
    public void backward(Gradients g) {
      Tensor dy = g.pending(y);
      if (dy == null || !g.wanted(x)) {
        return;
      }
      Tensor dx = g.like(x, "d");
      g.add(new DropoutBackward(drop, step, dy, dx));
      g.contribute(x, dx);
    }
  }

  /// Gradient of [DropoutForward]: the same mask on the gradient.
  public record DropoutBackward(Drop drop, Tensor step, Tensor dy, Tensor dx) implements Op {
    @Override
    public Direction direction() {
      return Direction.BACKWARD;
    }

    @Override
    public String shape() {
      return "dropout " + dy.dim(1);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(step, dy);
    }

    @Override
    public List<Tensor> outputs() {
      return List.of(dx);
    }

    @Override
    public void launch(Launch l) {
      drop.launch(l, step, dy, dx);
    }
  }
}
