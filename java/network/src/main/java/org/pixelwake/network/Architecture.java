package org.pixelwake.network;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.BatchNorm;

/// The shape of an encoder, block by block: an EfficientNet (Tan & Le 2019) exactly as torchvision
/// builds it, or the small CNN that it is compared with ([#SMALL_CNN]).
///
/// @param name such as `efficientnet_b4`, `efficientnet_w0.5_d0.5` for free scaling, or `small_cnn`
/// @param stem width of the stem
/// @param stemStride of the first convolution: 2, or 1 for images at the detector's resolution
/// @param pooling what squeeze-excite and the last pooling average over
/// @param stages blocks of each stage, stage 1 first
/// @param top width of the embedding: that after the last 1x1 convolution of an EfficientNet, of
///   the last block of the small CNN
/// @param eps of the batch norms
/// @param momentum of the batch norms, as PyTorch counts it
/// @param dropout before the classifier
public record Architecture(
    String name,
    int stem,
    int stemStride,
    Pooling pooling,
    List<List<Block>> stages,
    int top,
    float eps,
    float momentum,
    float dropout)
    implements EncoderShape {

  /// The pixels that squeeze-excite and the last pooling average over.
  public enum Pooling {
    /// The whole image, as published.
    CANVAS,
    /// The hits of the image alone, and in smaller maps whatever stands for a hit: the empty canvas
    /// of most images would fill the averages. A decoder, which has to fill the canvas, averages
    /// over all of it.
    HITS
  }

  /// One MBConv block (Sandler et al. 2018) with squeeze-excite; or, in the small CNN, a depthwise
  /// separable convolution.
  ///
  /// @param in input width
  /// @param expanded width of the depthwise convolution; equal to `in`: no expansion
  /// @param out output width
  /// @param kernel of the depthwise convolution
  /// @param stride of it
  /// @param squeeze width of the squeeze-excite layer; 0: a depthwise separable convolution
  /// @param drop probability of stochastic depth
  public record Block(
      int in, int expanded, int out, int kernel, int stride, int squeeze, float drop) {
    /// Whether there is a 1x1 convolution before the depthwise one.
    public boolean expands() {
      return expanded != in;
    }

    /// Whether it is a depthwise separable convolution: depthwise, then 1x1, each with batch norm
    /// and SiLU (Howard et al. 2017, "MobileNets").
    public boolean separable() {
      return squeeze == 0;
    }

    /// Whether input and output are added.
    public boolean residual() {
      return stride == 1 && in == out && !separable();
    }
  }

  private record Stage(int expand, int kernel, int stride, int in, int out, int layers) {}

  // EfficientNet-B0, torchvision's _efficientnet_conf.
  private static final List<Stage> BASE =
      List.of(
          new Stage(1, 3, 1, 32, 16, 1),
          new Stage(6, 3, 2, 16, 24, 2),
          new Stage(6, 5, 2, 24, 40, 2),
          new Stage(6, 3, 2, 40, 80, 3),
          new Stage(6, 5, 1, 80, 112, 3),
          new Stage(6, 5, 2, 112, 192, 4),
          new Stage(6, 3, 1, 192, 320, 1));

  private record Scaling(double width, double depth, float dropout) {}

  private static final Map<String, Scaling> NAMED =
      Map.of(
          "efficientnet_b0", new Scaling(1.0, 1.0, 0.2f),
          "efficientnet_b1", new Scaling(1.0, 1.1, 0.2f),
          "efficientnet_b2", new Scaling(1.1, 1.2, 0.3f),
          "efficientnet_b3", new Scaling(1.2, 1.4, 0.3f),
          "efficientnet_b4", new Scaling(1.4, 1.8, 0.4f),
          "efficientnet_b5", new Scaling(1.6, 2.2, 0.4f),
          "efficientnet_b6", new Scaling(1.8, 2.6, 0.5f),
          "efficientnet_b7", new Scaling(2.0, 3.1, 0.5f));

  /// A small convolutional network of the size that is trained on tracks from scratch, to compare
  /// with: a 3x3 convolution with stride 2 to 16 channels, then three times a depthwise 3x3
  /// convolution with stride 2 and a 1x1 convolution to 32, 64 and 128 channels, each with batch
  /// norm and SiLU. The CNN of the published comparison on these data is not public, so this is one
  /// of its kind and not that one.
  public static final Architecture SMALL_CNN =
      new Architecture(
          "small_cnn",
          16,
          2,
          Pooling.CANVAS,
          List.of(
              List.of(new Block(16, 16, 32, 3, 2, 0, 0)),
              List.of(new Block(32, 32, 64, 3, 2, 0, 0)),
              List.of(new Block(64, 64, 128, 3, 2, 0, 0))),
          128,
          1e-5f,
          0.1f,
          0);

  /// Stochastic depth of the last block in torchvision's models; it grows linearly with depth.
  private static final double STOCHASTIC_DEPTH = 0.2;

  /// Strides of the stages, which no weight tells.
  static int stageStride(int stage) {
    return BASE.get(stage).stride;
  }

  /// Number of stages.
  static int stageCount() {
    return BASE.size();
  }

  /// A block under its name, that of its parameters in the state dict.
  ///
  /// @param endsStage whether it is the last of its stage
  record Named(String name, Block block, boolean endsStage) {}

  /// Returns all blocks in their order, `features.1.0` first; of the small CNN, whose stages are
  /// single blocks, `features.1`.
  List<Named> blocks() {
    List<Named> named = new ArrayList<>();
    for (int s = 1; s <= stages.size(); s++) {
      List<Block> blocks = stages.get(s - 1);
      for (int b = 0; b < blocks.size(); b++) {
        String name = "features." + s + (separable() ? "" : "." + b);
        named.add(new Named(name, blocks.get(b), b == blocks.size() - 1));
      }
    }
    return named;
  }

  String topName() {
    return "features." + (stages.size() + 1);
  }

  int last() {
    return stages.getLast().getLast().out;
  }

  BatchNorm.Attributes batchNorm() {
    return new BatchNorm.Attributes(eps, momentum);
  }

  /// Returns whether it is the small CNN: without decoder, and without [Encoder].
  public boolean separable() {
    return stages.getFirst().getFirst().separable();
  }

  /// An architecture by name: `efficientnet_b0` ... `efficientnet_b7`,
  /// `efficientnet_w<width>_d<depth>`, or `small_cnn`.
  ///
  /// @throws InputException when there is none of that name
  public static Architecture named(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.equals(SMALL_CNN.name)) {
      return SMALL_CNN;
    }
    Scaling scaling = NAMED.get(lower);
    if (scaling != null) {
      return lower.compareTo("efficientnet_b5") >= 0
          ? scaled(lower, scaling, 1e-3f, 0.01f)
          : scaled(lower, scaling, 1e-5f, 0.1f);
    }
    if (lower.matches("efficientnet_w\\d+(\\.\\d+)?_d\\d+(\\.\\d+)?")) {
      String[] parts = lower.substring("efficientnet_w".length()).split("_d");
      double width = Double.parseDouble(parts[0]);
      double depth = Double.parseDouble(parts[1]);
      if (width > 0 && width <= 4 && depth > 0 && depth <= 8) {
        return scaled(lower, new Scaling(width, depth, 0.2f), 1e-5f, 0.1f);
      }
    }
    throw new InputException(
        "--arch " + name,
        "no such architecture",
        "Use efficientnet_b0 to efficientnet_b7, efficientnet_w0.5_d0.5 for B0 scaled by width and"
            + " depth, or small_cnn");
  }

  // The same rounding as torchvision's.
  private static Architecture scaled(String name, Scaling scaling, float eps, float momentum) {
    double width = scaling.width;
    List<List<Block>> stages = new ArrayList<>();
    for (Stage stage : BASE) {
      List<Block> blocks = new ArrayList<>();
      int out = divisible(stage.out * width);
      for (int i = 0; i < Math.ceil(stage.layers * scaling.depth); i++) {
        int in = i == 0 ? divisible(stage.in * width) : out;
        int expanded = divisible((double) in * stage.expand);
        int stride = i == 0 ? stage.stride : 1;
        blocks.add(new Block(in, expanded, out, stage.kernel, stride, Math.max(1, in / 4), 0));
      }
      stages.add(List.copyOf(blocks));
    }
    int stem = divisible(BASE.getFirst().in * width);
    int top = 4 * divisible(BASE.getLast().out * width);
    return new Architecture(
            name, stem, 2, Pooling.CANVAS, List.copyOf(stages), top, eps, momentum, scaling.dropout)
        .withStochasticDepth(STOCHASTIC_DEPTH);
  }

  /// The same with another stochastic depth.
  ///
  /// @param probability drop probability that the last block approaches; of no consequence to the
  ///   small CNN, which has no skips to drop
  public Architecture withStochasticDepth(double probability) {
    if (separable()) {
      return this;
    }
    int total = stages.stream().mapToInt(List::size).sum();
    int id = 0;
    List<List<Block>> changed = new ArrayList<>();
    for (List<Block> blocks : stages) {
      List<Block> copies = new ArrayList<>();
      for (Block b : blocks) {
        float drop = (float) (probability * id++ / total);
        copies.add(new Block(b.in, b.expanded, b.out, b.kernel, b.stride, b.squeeze, drop));
      }
      changed.add(List.copyOf(copies));
    }
    return new Architecture(
        name, stem, stemStride, pooling, List.copyOf(changed), top, eps, momentum, dropout);
  }

  /// The same with another dropout before the classifier.
  ///
  /// @param probability of dropping a feature, in [0, 1)
  public Architecture withDropout(double probability) {
    return new Architecture(
        name, stem, stemStride, pooling, stages, top, eps, momentum, (float) probability);
  }

  /// Returns this architecture with another stride of the first convolution, 1 or 2.
  public Architecture withStemStride(int stride) {
    return new Architecture(name, stem, stride, pooling, stages, top, eps, momentum, dropout);
  }

  /// Returns this architecture with averages over something else.
  public Architecture withPooling(Pooling other) {
    return new Architecture(name, stem, stemStride, other, stages, top, eps, momentum, dropout);
  }

  /// The active sites of the outputs of the stem and of all blocks; null for averages over the
  /// canvas.
  ///
  /// @param image (n, side, side, 3)
  List<@Nullable Tensor> sites(Graph g, Tensor image) {
    List<Integer> halvings = new ArrayList<>();
    halvings.add(stemStride - 1);
    for (Named named : blocks()) {
      halvings.add(halvings.getLast() + named.block().stride - 1);
    }
    if (pooling == Pooling.CANVAS) {
      return Collections.nCopies(halvings.size(), null);
    }
    // Without squeeze-excite nobody averages but behind the last block.
    int first = separable() ? halvings.getLast() : halvings.getFirst();
    List<Tensor> levels = g.sites(image, first, halvings.getLast() - first + 1);
    List<@Nullable Tensor> all = new ArrayList<>();
    for (int halved : halvings) {
      all.add(halved < first ? null : levels.get(halved - first));
    }
    return all;
  }

  /// The name of the standard architecture with the same widths and depths, or null.
  @Nullable String standardName() {
    for (String candidate : NAMED.keySet().stream().sorted().toList()) {
      Architecture standard = named(candidate);
      if (standard.top == top
          && standard.withStochasticDepth(0).stages.equals(withStochasticDepth(0).stages)) {
        return candidate;
      }
    }
    return null;
  }

  // torchvision's _make_divisible with divisor 8: round to nearest, but never down by more than a
  // tenth.
  static int divisible(double channels) {
    int rounded = Math.max(8, (int) (channels + 4) / 8 * 8);
    return rounded < 0.9 * channels ? rounded + 8 : rounded;
  }
}
