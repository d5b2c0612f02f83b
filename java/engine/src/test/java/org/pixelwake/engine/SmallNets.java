package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.op.BatchNorm;
import org.pixelwake.engine.op.Convolution.Attributes;
import org.pixelwake.engine.op.Convolution.Family;
import org.pixelwake.engine.op.Loss;

/// Small networks of [Graph] layers that end in the loss: every kind of layer, view and gradient
/// occurs in one of them.
public final class SmallNets {
  private SmallNets() {}

  private static final BatchNorm.Attributes NORM = new BatchNorm.Attributes(1e-3f, 0.1f);
  private static final Loss.Weights WEIGHTS =
      new Loss.Weights(1.5f, 0.7f, 0.9f, 2, 0.5f, 3, 0.8f, 1, 0.6f);
  static final StepState STEP = new StepState(0x123456789abcdL, 7, 1e-2, 0.9, 0.999, 0.9);
  private static final Attributes ONE = new Attributes(Family.POINTWISE, 1, 1, false);

  /// What follows the blocks.
  enum Head {
    /// A pointwise convolution with bias to the 5 outputs.
    POINTWISE,
    /// A transposed dense convolution with bias, as the heads of the decoder.
    TRANSPOSED,
    /// Convolution, pooling and a linear layer whose 5 outputs count as one pixel.
    POOL
  }

  /// An inverted bottleneck (or, transposed, its mirror image in the decoder).
  ///
  /// @param expanded channels of its middle; equal to `in`: without an expansion
  /// @param squeeze width of squeeze-excite, 0: without
  /// @param skip whether input and output are added
  /// @param drop probability of drop path
  record Block(
      String name,
      int in,
      int expanded,
      int out,
      int kernel,
      int stride,
      boolean transposed,
      int squeeze,
      boolean skip,
      float drop) {
    void declare(List<ParameterLayout.Entry> to) {
      if (expanded != in) {
        weight(to, name + ".expand", expanded, in, 1, 1);
        norm(to, name + ".expand_bn", expanded);
      }
      weight(to, name + ".depthwise", expanded, 1, kernel, kernel);
      norm(to, name + ".depthwise_bn", expanded);
      if (squeeze > 0) {
        weight(to, name + ".se.fc1", squeeze, expanded, 1, 1);
        bias(to, name + ".se.fc1", squeeze);
        weight(to, name + ".se.fc2", expanded, squeeze, 1, 1);
        bias(to, name + ".se.fc2", expanded);
      }
      weight(to, name + ".project", out, expanded, 1, 1);
      norm(to, name + ".project_bn", out);
    }

    View build(Graph graph, View input, @Nullable Tensor sites, int layer, Tensor step) {
      View x = input;
      if (expanded != in) {
        Graph.Raw raw = graph.convolution(ONE, x, name + ".expand", expanded, false, true);
        x = graph.batchNorm(NORM, raw, name + ".expand_bn", Transform.BN_SILU);
      }
      Attributes depthwise = new Attributes(Family.DEPTHWISE, kernel, stride, transposed);
      Graph.Raw raw = graph.convolution(depthwise, x, name + ".depthwise", expanded, false, true);
      x = graph.batchNorm(NORM, raw, name + ".depthwise_bn", Transform.BN_SILU);
      if (squeeze > 0) {
        x = graph.squeezeExcite(x.over(sites), name + ".se");
      }
      Graph.Raw projected = graph.convolution(ONE, x, name + ".project", out, false, true);
      View p = graph.batchNorm(NORM, projected, name + ".project_bn", Transform.BN);
      return graph.residual(p, skip ? input : null, name + ".out", layer, drop, step);
    }
  }

  /// A network: a dense stem with stride 2 on 3 channels, blocks, a head.
  ///
  /// @param hits whether images have few hits, over which alone is averaged
  public record Spec(
      String name,
      boolean training,
      int n,
      int side,
      int stem,
      Head head,
      List<Block> blocks,
      boolean hits) {
    Spec(String name, boolean training, int n, int side, int stem, Head head, List<Block> blocks) {
      this(name, training, n, side, stem, head, blocks, false);
    }

    @Override
    public String toString() {
      return name;
    }

    ParameterLayout layout() {
      List<ParameterLayout.Entry> entries = new ArrayList<>();
      weight(entries, "stem", stem, 3, 3, 3);
      norm(entries, "stem_bn", stem);
      blocks.forEach(block -> block.declare(entries));
      int c = blocks.isEmpty() ? stem : blocks.getLast().out();
      switch (head) {
        case POINTWISE -> weight(entries, "head", 5, c, 1, 1);
        case TRANSPOSED -> weight(entries, "head", c, 5, 3, 3);
        case POOL -> {
          weight(entries, "last", 2 * c + 1, c, 1, 1);
          norm(entries, "last_bn", 2 * c + 1);
          weight(entries, "head", 5, 2 * c + 1);
        }
      }
      bias(entries, "head", 5);
      return new ParameterLayout(entries);
    }

    public Net trace(Storage storage, Predicate<String> trainable) {
      return trace(storage, trainable, false);
    }

    /// @param gradientsKept whether the host can read the gradients after a run
    public Net trace(Storage storage, Predicate<String> trainable, boolean gradientsKept) {
      return trace(storage, trainable, gradientsKept, 0);
    }

    /// @param recomputed share of the arithmetic that may be spent on saving memory
    public Net trace(
        Storage storage, Predicate<String> trainable, boolean gradientsKept, double recomputed) {
      ParameterLayout layout = layout();
      Graph graph = new Graph(layout, training, storage);
      graph.trainable(trainable);
      if (gradientsKept) {
        graph.keepGradients();
      }
      Tensor step = StepState.tensor(graph);
      // A side more in the columns, so that rows and columns are not confused.
      Tensor image = graph.input("image", storage, n, side, side + 1, 3);
      Attributes dense = new Attributes(Family.DENSE, 3, 2, false);
      Graph.Raw raw = graph.convolution(dense, View.of(image), "stem", stem, false, true);
      View x = graph.batchNorm(NORM, raw, "stem_bn", Transform.BN_SILU);
      int halvings = blocks.stream().mapToInt(block -> block.stride - 1).sum();
      List<Tensor> sites = hits ? graph.sites(image, 1, halvings + 1) : List.of();
      int level = 0;
      for (int i = 0; i < blocks.size(); i++) {
        level += blocks.get(i).stride - 1;
        x = blocks.get(i).build(graph, x, hits ? sites.get(level) : null, i, step);
      }
      Tensor output = head(graph, x, hits ? sites.getLast() : null);
      Tensor target = graph.input("target", output.storage(), n, output.dim(1), output.dim(2), 3);
      Tensor doutput = graph.intermediate("doutput", output.storage(), output.shape());
      Tensor losses = graph.result("losses", Storage.F32, 4);
      Tensor columns = graph.result("columns", Storage.F32, n, Loss.COLUMNS);
      graph.add(new Loss.Autoencoder(WEIGHTS, output, target, doutput, losses, columns));
      int forward = graph.operations().size();
      graph.differentiate(recomputed);
      return new Net(this, layout, graph, forward, step, image, target, output, losses);
    }

    private Tensor head(Graph graph, View x, @Nullable Tensor sites) {
      return switch (head) {
        case POINTWISE -> graph.convolution(ONE, x, "head", 5, true, false).y();
        case TRANSPOSED -> {
          Attributes a = new Attributes(Family.DENSE, 3, 2, true);
          yield graph.convolution(a, x, "head", 5, true, false).y();
        }
        case POOL -> {
          Graph.Raw raw = graph.convolution(ONE, x, "last", 2 * x.c() + 1, false, true);
          View last = graph.batchNorm(NORM, raw, "last_bn", Transform.BN_SILU);
          Tensor embedding = graph.intermediate("embedding", Storage.F32, n, last.c());
          graph.pool(last.over(sites), embedding);
          yield graph.linear(
              embedding, "head", graph.intermediate("output", Storage.F32, n, 1, 1, 5));
        }
      };
    }
  }

  /// A traced network with its backward pass.
  ///
  /// @param forward number of operations up to the loss
  public record Net(
      Spec spec,
      ParameterLayout layout,
      Graph graph,
      int forward,
      Tensor step,
      Tensor image,
      Tensor target,
      Tensor output,
      Tensor losses) {

    /// Random parameters and inputs, as the storage holds them.
    TensorValues draw(long seed) {
      Random random = new Random(seed);
      TensorValues v = new TensorValues();
      for (ParameterLayout.Entry entry : layout.entries()) {
        double[] values = new double[entry.elements()];
        double[] about = about(entry);
        for (int i = 0; i < values.length; i++) {
          values[i] = about[0] + about[1] * random.nextGaussian();
        }
        if (entry.name().endsWith("running_var")) {
          Arrays.setAll(values, i -> 0.5 + Math.abs(values[i]));
        }
        v.putRounded(graph.parameter(entry.name()), values);
      }
      v.put(step, STEP);
      drawInputs(v, random);
      return v;
    }

    void drawInputs(TensorValues v, Random random) {
      double[] pixels = new double[Math.toIntExact(image.elements())];
      Arrays.setAll(pixels, i -> random.nextGaussian());
      if (spec.hits) {
        // One pixel in eight, none of the first image.
        for (int i = 0; i < pixels.length; i += 3) {
          if (i < pixels.length / spec.n || random.nextInt(8) > 0) {
            Arrays.fill(pixels, i, i + 3, 0);
          }
        }
      }
      v.putRounded(image, pixels);
      double[] wanted = new double[Math.toIntExact(target.elements())];
      for (int i = 0; i < wanted.length; i += 3) {
        boolean inside = random.nextInt(3) > 0;
        wanted[i] = inside ? random.nextDouble() : 0;
        wanted[i + 1] = inside ? random.nextDouble() : 0;
        wanted[i + 2] = inside && random.nextBoolean() ? 1 : 0;
      }
      v.putRounded(target, wanted);
    }

    private static double[] about(ParameterLayout.Entry entry) {
      String name = entry.name();
      if (name.contains("_bn")) {
        boolean scale = name.endsWith("_bn.weight");
        return new double[] {scale ? 1 : 0, 0.3};
      }
      int fanIn = name.endsWith("bias") ? 16 : entry.elements() / entry.shape().getFirst();
      return new double[] {0, 1 / Math.sqrt(fanIn)};
    }

    /// The total loss of the forward pass alone, in double precision.
    double loss(TensorValues v) {
      TensorValues copy = v.copy();
      Reference.run(graph.operations().subList(0, forward), copy);
      return copy.get(losses)[0];
    }

    List<String> learned() {
      return layout.entries().stream()
          .filter(e -> e.group() != ParameterLayout.Group.STATE)
          .map(ParameterLayout.Entry::name)
          .collect(Collectors.toList());
    }
  }

  /// All specs: together they hold each view as input of each family, each kind of gradient, skips
  /// with and without a transform, with and without drop path, in training and in evaluation mode.
  public static List<Spec> all() {
    return List.of(
        new Spec("stem and pointwise head", true, 2, 5, 6, Head.POINTWISE, List.of()),
        new Spec("stem and transposed head", true, 2, 5, 6, Head.TRANSPOSED, List.of()),
        new Spec("stem and embedding", true, 3, 5, 6, Head.POOL, List.of()),
        blocks("encoder and decoder", true),
        blocks("evaluation mode", false),
        new Spec(
            "no expansion, skip with a transform",
            true,
            3,
            6,
            5,
            Head.POINTWISE,
            List.of(
                new Block("a", 5, 5, 5, 3, 1, false, 2, true, 0.4f),
                new Block("b", 5, 5, 5, 5, 1, false, 0, true, 0))),
        new Spec(
            "averages over hits",
            true,
            3,
            11,
            5,
            Head.POOL,
            List.of(
                new Block("a", 5, 9, 5, 3, 1, false, 3, true, 0.4f),
                new Block("b", 5, 7, 6, 5, 2, false, 2, false, 0)),
            true),
        new Spec(
            "no squeeze-excite",
            true,
            2,
            7,
            4,
            Head.POOL,
            List.of(
                new Block("a", 4, 9, 4, 5, 2, false, 0, false, 0),
                new Block("b", 4, 7, 4, 3, 1, false, 0, true, 0.5f),
                new Block("c", 4, 6, 3, 3, 2, true, 0, false, 0))));
  }

  /// Two blocks with skips (of the stem's view and of a plain tensor), one that strides, one
  /// transposed.
  static Spec blocks(String name, boolean training) {
    return new Spec(
        name,
        training,
        3,
        9,
        5,
        Head.TRANSPOSED,
        List.of(
            new Block("a", 5, 11, 5, 3, 1, false, 3, true, 0.4f),
            new Block("b", 5, 13, 5, 5, 1, false, 2, true, 0.4f),
            new Block("c", 5, 10, 6, 5, 2, false, 2, false, 0),
            new Block("d", 6, 12, 4, 3, 2, true, 3, false, 0)));
  }

  private static void weight(List<ParameterLayout.Entry> to, String name, Integer... shape) {
    to.add(
        new ParameterLayout.Entry(name + ".weight", ParameterLayout.Group.DECAYED, List.of(shape)));
  }

  private static void bias(List<ParameterLayout.Entry> to, String name, int c) {
    to.add(new ParameterLayout.Entry(name + ".bias", ParameterLayout.Group.UNDECAYED, List.of(c)));
  }

  private static void norm(List<ParameterLayout.Entry> to, String name, int c) {
    for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
      ParameterLayout.Group group =
          part.startsWith("running")
              ? ParameterLayout.Group.STATE
              : ParameterLayout.Group.UNDECAYED;
      to.add(new ParameterLayout.Entry(name + "." + part, group, List.of(c)));
    }
  }
}
