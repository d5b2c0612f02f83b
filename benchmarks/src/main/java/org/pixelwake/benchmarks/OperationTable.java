package org.pixelwake.benchmarks;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.pixelwake.engine.Convolution;
import org.pixelwake.engine.Convolution.Attributes;

/// The operations that are measured by themselves, a row each, and the tasks that follow from them.
final class OperationTable {
  private static final Set<Contestant> LIBTORCH =
      EnumSet.of(Contestant.LIBTORCH_NCHW, Contestant.LIBTORCH_CHANNELS_LAST);
  private static final Set<Contestant> LIBTORCH_ONCE = EnumSet.of(Contestant.LIBTORCH_NCHW);
  private static final Set<Contestant> ALL =
      EnumSet.of(Contestant.LIBTORCH_NCHW, Contestant.LIBTORCH_CHANNELS_LAST, Contestant.ND4J);
  private static final Set<Contestant> BOTH = EnumSet.of(Contestant.LIBTORCH_NCHW, Contestant.ND4J);
  private static final Set<Contestant> NONE = EnumSet.noneOf(Contestant.class);
  private static final Set<Pass> FORWARD = EnumSet.of(Pass.FORWARD);
  private static final Set<Pass> BACKWARD_TOO = EnumSet.of(Pass.FORWARD, Pass.BACKWARD);
  private static final Set<Pass> WHOLE = EnumSet.of(Pass.WHOLE);

  /// An operation of a family.
  ///
  /// @param name begins with the family's
  /// @param passes that stand by themselves
  /// @param peers that have it beside Pixelwake
  /// @param shapes of the B4 autoencoder at side 96 and batch 8, and an odd one, which is the last
  private record Row(
      String name,
      Set<Pass> passes,
      Set<Contestant> peers,
      List<Shape> shapes,
      BiFunction<Pass, Shape, Problem> problem) {}

  private static final List<Row> ROWS =
      List.of(
          convolution(
              "pointwise",
              new Attributes(Convolution.Family.POINTWISE, 1, 1, false),
              ALL,
              Shape.of(8, 24, 24, 32, 192),
              Shape.of(8, 24, 24, 192, 32),
              Shape.of(8, 6, 6, 960, 160),
              Shape.of(3, 13, 11, 41, 27)),
          depthwise(3, 1, false, Shape.of(8, 24, 24, 192)),
          depthwise(5, 1, false, Shape.of(8, 6, 6, 960)),
          depthwise(3, 2, false, Shape.of(8, 48, 48, 144)),
          depthwise(5, 2, false, Shape.of(8, 24, 24, 192)),
          depthwise(3, 2, true, Shape.of(8, 24, 24, 144)),
          depthwise(5, 2, true, Shape.of(8, 12, 12, 192)),
          convolution(
              "dense stem",
              new Attributes(Convolution.Family.DENSE, 3, 2, false),
              ALL,
              Shape.of(8, 96, 96, 3, 48),
              Shape.of(3, 37, 29, 3, 7)),
          convolution(
              "dense heads",
              new Attributes(Convolution.Family.DENSE, 3, 2, true),
              LIBTORCH,
              Shape.of(8, 48, 48, 48, 5),
              Shape.of(3, 13, 11, 10, 5)),
          new Row(
              "batchnorm with SiLU",
              FORWARD,
              ALL,
              List.of(Shape.of(8, 24, 24, 192), Shape.of(3, 13, 11, 37)),
              NormProblem.Activated::new),
          new Row(
              "squeeze_excite",
              FORWARD,
              LIBTORCH,
              List.of(Shape.of(8, 24, 24, 192, 8), Shape.of(3, 13, 11, 37, 5)),
              NormProblem.Gate::new),
          new Row(
              "residual",
              BACKWARD_TOO,
              LIBTORCH,
              List.of(Shape.of(8, 24, 24, 32), Shape.of(3, 13, 11, 37)),
              NormProblem.Skip::new),
          new Row(
              "pool_linear: pool",
              BACKWARD_TOO,
              LIBTORCH,
              List.of(Shape.of(8, 3, 3, 1792), Shape.of(3, 5, 7, 37)),
              NormProblem.Pool::new),
          new Row(
              "pool_linear: linear",
              BACKWARD_TOO,
              BOTH,
              List.of(Shape.of(8, 1, 1, 1792, 10), Shape.of(3, 1, 1, 37, 11)),
              LinearProblem::new),
          new Row(
              "pool_linear: dropout",
              FORWARD,
              NONE,
              List.of(Shape.of(256, 1, 1, 1792), Shape.of(3, 1, 1, 37)),
              DropoutProblem::new),
          new Row(
              "rasterize",
              FORWARD,
              NONE,
              List.of(Shape.of(8, 96, 96, 3), Shape.of(3, 37, 37, 3)),
              RasterizeProblem::new),
          new Row(
              "loss",
              WHOLE,
              LIBTORCH,
              List.of(Shape.of(8, 96, 96, 3), Shape.of(3, 37, 29, 3)),
              LossProblem::new),
          new Row(
              "loss: classes and values",
              WHOLE,
              LIBTORCH_ONCE,
              List.of(Shape.of(256, 1, 1, 10, 2), Shape.of(37, 1, 1, 7, 3)),
              SupervisedProblem::new),
          new Row(
              "optimizer: AdamW",
              WHOLE,
              LIBTORCH_ONCE,
              List.of(Shape.of(1, 1, 1, 4_000_000), Shape.of(1, 1, 1, 100_003)),
              OptimizerProblem::new));

  private OperationTable() {}

  private static Row convolution(
      String name, Attributes attributes, Set<Contestant> peers, Shape... shapes) {
    boolean biased = attributes.transposed() && attributes.family() == Convolution.Family.DENSE;
    return new Row(
        name,
        BACKWARD_TOO,
        peers,
        List.of(shapes),
        (pass, shape) -> new ConvolutionProblem(attributes, biased, pass, shape));
  }

  private static Row depthwise(int kernel, int stride, boolean transposed, Shape shape) {
    return convolution(
        "depthwise k" + kernel + (transposed ? " transposed" : " s" + stride),
        new Attributes(Convolution.Family.DEPTHWISE, kernel, stride, transposed),
        transposed ? LIBTORCH : ALL,
        shape,
        Shape.of(3, 13, 11, 37));
  }

  /// One problem in one contestant.
  record Task(
      String operation,
      Shape shape,
      Pass pass,
      Contestant contestant,
      BiFunction<Pass, Shape, Problem> maker) {

    /// Names it in one line, for JMH hands parameters to its forks as text.
    String key() {
      return String.join("/", operation, shape.label(), pass.label(), contestant.label());
    }

    Problem problem() {
      return maker.apply(pass, shape);
    }

    /// Prepares a problem of this task.
    Work open(Problem problem, int threads) {
      return switch (contestant) {
        case PIXELWAKE -> new PixelwakeWork(problem, threads);
        case LIBTORCH_NCHW -> problem.libtorchWork(Layout.NCHW);
        case LIBTORCH_CHANNELS_LAST -> problem.libtorchWork(Layout.CHANNELS_LAST);
        case ND4J -> new Nd4jWork(problem, threads);
      };
    }
  }

  /// All tasks, operation by operation.
  ///
  /// @param oddOnly only the odd shape of every row
  static List<Task> tasks(boolean oddOnly) {
    List<Task> tasks = new ArrayList<>();
    for (Row row : ROWS) {
      Set<Contestant> contestants = EnumSet.of(Contestant.PIXELWAKE);
      contestants.addAll(row.peers);
      for (Shape shape : oddOnly ? List.of(row.shapes.getLast()) : row.shapes) {
        for (Pass pass : row.passes) {
          for (Contestant contestant : contestants) {
            tasks.add(new Task(row.name, shape, pass, contestant, row.problem));
          }
        }
      }
    }
    return tasks;
  }

  /// The task of that key.
  static Task task(String key) {
    return tasks(false).stream()
        .filter(task -> task.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("No task is named " + key));
  }
}
