package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.engine.ParameterLayout.Entry;
import org.pixelwake.engine.ParameterLayout.Group;
import org.pixelwake.engine.op.BatchNorm;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.Optimizer;
import org.pixelwake.engine.op.PoolLinear;
import org.pixelwake.engine.op.Residual;

/// A classifier with values beside its classes: a convolution, drop path, pooling, dropout, a
/// linear layer and the supervised loss, in double precision.
final class SupervisedTest {
  private static final BatchNorm.Attributes NORM = new BatchNorm.Attributes(1e-3f, 0.1f);
  private static final Convolution.Attributes ONE =
      new Convolution.Attributes(Convolution.Family.POINTWISE, 1, 1, false);
  private static final int CHANNELS = 6;
  private static final int CLASSES = 3;
  private static final int TARGETS = 2;
  private static final float DROP = 0.4f;
  private static final double STEP = 1e-5;

  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(
              new Entry("body.weight", Group.DECAYED, List.of(CHANNELS, CHANNELS, 1, 1)),
              new Entry("bn.weight", Group.UNDECAYED, List.of(CHANNELS)),
              new Entry("bn.bias", Group.UNDECAYED, List.of(CHANNELS)),
              new Entry("bn.running_mean", Group.STATE, List.of(CHANNELS)),
              new Entry("bn.running_var", Group.STATE, List.of(CHANNELS)),
              new Entry("last.weight", Group.DECAYED, List.of(CHANNELS, CHANNELS, 1, 1)),
              new Entry("last_bn.weight", Group.UNDECAYED, List.of(CHANNELS)),
              new Entry("last_bn.bias", Group.UNDECAYED, List.of(CHANNELS)),
              new Entry("last_bn.running_mean", Group.STATE, List.of(CHANNELS)),
              new Entry("last_bn.running_var", Group.STATE, List.of(CHANNELS)),
              new Entry("head.weight", Group.DECAYED, List.of(CLASSES + TARGETS, CHANNELS)),
              new Entry("head.bias", Group.UNDECAYED, List.of(CLASSES + TARGETS))));

  /// A traced classifier.
  ///
  /// @param forward number of operations up to the loss
  private record Net(Graph graph, Tensor step, Tensor image, Loss.Supervised loss, int forward) {}

  private static Net trace(int n, int first, float scale, boolean frozen) {
    return trace(n, first, scale, frozen, true);
  }

  private static Net trace(int n, int first, float scale, boolean frozen, boolean training) {
    Graph graph = new Graph(LAYOUT, training, Storage.F32);
    Predicate<String> head = name -> name.startsWith("head");
    graph.trainable(frozen ? head : name -> true);
    graph.firstImage(first);
    Tensor step = StepState.tensor(graph);
    Tensor image = graph.input("image", Storage.F32, n, 3, 2, CHANNELS);
    View features =
        frozen
            ? graph.evaluating(() -> features(graph, image, step))
            : features(graph, image, step);
    Tensor embedding = graph.intermediate("embedding", Storage.F32, n, CHANNELS);
    Tensor dropped = graph.dropout(graph.pool(features, embedding), "dropped", 0, DROP, step);
    Tensor output = graph.intermediate("output", Storage.F32, n, CLASSES + TARGETS);
    graph.linear(dropped, "head", output);
    Loss.Supervised loss =
        new Loss.Supervised(
            new Loss.Supervision(CLASSES, TARGETS, 0.1f, 0.5f, 0.7f, 1.3f, scale),
            output,
            graph.input("labels", Storage.F32, n),
            graph.input("values", Storage.F32, n, TARGETS),
            graph.input("class weights", Storage.F32, CLASSES),
            graph.intermediate("doutput", Storage.F32, n, CLASSES + TARGETS),
            graph.result("losses", Storage.F32, 3),
            graph.result("columns", Storage.F32, n, Loss.SUPERVISED_COLUMNS));
    graph.add(loss);
    int forward = graph.operations().size();
    graph.differentiate();
    return new Net(graph, step, image, loss, forward);
  }

  private static View features(Graph graph, Tensor image, Tensor step) {
    Graph.Raw raw = graph.convolution(ONE, View.of(image), "body", CHANNELS, false, true);
    View branch = graph.batchNorm(NORM, raw, "bn", Transform.BN);
    View x = graph.residual(branch, View.of(image), "block", 3, DROP, step);
    Graph.Raw last = graph.convolution(ONE, x, "last", CHANNELS, false, true);
    return graph.batchNorm(NORM, last, "last_bn", Transform.BN_SILU);
  }

  /// The same numbers for the same parameter and image, whatever part of the batch this is.
  private static TensorValues draw(Net net, int first) {
    TensorValues v = new TensorValues();
    for (Entry entry : LAYOUT.entries()) {
      Random random = new Random(entry.name().hashCode());
      double[] values = new double[entry.elements()];
      boolean positive = entry.name().endsWith("bn.weight") || entry.name().endsWith("var");
      Arrays.setAll(values, i -> (positive ? 1 : 0) + 0.4 * random.nextGaussian());
      if (positive) {
        Arrays.setAll(values, i -> 0.2 + Math.abs(values[i]));
      }
      v.put(net.graph().parameter(entry.name()), values);
    }
    v.put(net.step(), new StepState(99, 5, 0.1, 0.9, 0.999, 0));
    int n = net.image().dim(0);
    int size = (int) net.image().elements() / n;
    double[] pixels = new double[n * size];
    int[] labels = new int[n];
    double[] values = new double[n * TARGETS];
    for (int i = 0; i < n; i++) {
      Random random = new Random(1000 + first + i);
      for (int k = 0; k < size; k++) {
        pixels[i * size + k] = random.nextGaussian();
      }
      labels[i] = random.nextInt(CLASSES + 1) - 1;
      for (int t = 0; t < TARGETS; t++) {
        values[i * TARGETS + t] = random.nextInt(3) == 0 ? Double.NaN : random.nextGaussian();
      }
    }
    v.put(net.image(), pixels);
    v.put(present(net.loss().labels()), labels);
    v.put(present(net.loss().values()), values);
    v.put(present(net.loss().classWeights()), new double[] {0.5, 2, 1.25});
    return v;
  }

  private static <T> T present(@Nullable T value) {
    assertNotNull(value);
    return value;
  }

  private static double total(Net net, TensorValues v) {
    TensorValues copy = v.copy();
    Reference.run(net.graph().operations().subList(0, net.forward()), copy);
    return copy.get(net.loss().losses())[0];
  }

  @ParameterizedTest
  @CsvSource({"true, false", "true, true", "false, false"})
  void gradientsAreCentralDifferences(boolean training, boolean frozen) {
    Net net = trace(7, 0, 0.25f, frozen, training);
    TensorValues v = draw(net, 0);
    TensorValues done = v.copy();
    Reference.run(net.graph().operations(), done);
    int compared = 0;
    for (Entry entry : LAYOUT.entries()) {
      Tensor parameter = net.graph().parameter(entry.name());
      Tensor gradient = net.graph().gradient(parameter);
      if (gradient == null) {
        continue;
      }
      for (int i = 0; i < entry.elements(); i++) {
        double[] losses = new double[2];
        for (int side = 0; side < 2; side++) {
          TensorValues moved = v.copy();
          moved.get(parameter)[i] += side == 0 ? -STEP : STEP;
          losses[side] = total(net, moved);
        }
        double expected = (losses[1] - losses[0]) / (2 * STEP);
        assertEquals(expected, done.get(gradient)[i], 1e-8, entry.name() + " " + i);
        compared++;
      }
    }
    int head = (CLASSES + TARGETS) * (CHANNELS + 1);
    assertEquals(frozen ? head : head + 2 * CHANNELS * (CHANNELS + 2), compared);
  }

  @Test
  void aFrozenEncoderIsLeftAlone() {
    Net net = trace(4, 0, 1, true);
    List<Operation> all = net.graph().operations();
    for (Operation operation : all.subList(0, net.forward())) {
      assertFalse(operation instanceof Residual.DropPath, "drop path in evaluation mode");
      if (operation instanceof BatchNorm.Forward norm) {
        assertNull(norm.stats());
        assertEquals(List.of(), norm.updated());
      }
    }
    // Of the backward pass the linear layer's is left, and it needs no gradient of its input.
    assertEquals(net.forward() + 1, all.size());
    assertNull(assertInstanceOf(PoolLinear.LinearBackward.class, all.getLast()).dx());
    assertTrue(net.graph().training(), "the head is traced in the graph's own mode");
    assertTrue(all.stream().anyMatch(PoolLinear.DropoutForward.class::isInstance));
  }

  @Test
  void nothingIsDroppedInEvaluationMode() {
    Graph graph = new Graph(LAYOUT, false, Storage.F32);
    Tensor x = graph.input("x", Storage.F32, 2, CHANNELS);
    assertSame(x, graph.dropout(x, "y", 0, DROP, null));
    Graph training = new Graph(LAYOUT, true, Storage.F32);
    assertSame(x, training.dropout(x, "y", 0, 0, null));
    assertThrows(IllegalArgumentException.class, () -> training.dropout(x, "y", 0, DROP, null));
  }

  /// Two processes with a half of the batch each do together what one does with all of it, but for
  /// the batch norms' statistics, which are those of the half: here they are the running ones.
  @Test
  void partsAddUpToTheBatch() {
    int n = 6;
    Net whole = trace(n, 0, 1f / n, true);
    TensorValues expected = draw(whole, 0);
    Reference.run(whole.graph().operations(), expected);
    double[] losses = new double[3];
    double[] gradient = new double[(CLASSES + TARGETS) * CHANNELS];
    List<Double> columns = new ArrayList<>();
    for (int first = 0; first < n; first += n / 2) {
      Net part = trace(n / 2, first, 1f / n, true);
      TensorValues v = draw(part, first);
      Reference.run(part.graph().operations(), v);
      add(losses, v.get(part.loss().losses()));
      add(gradient, v.get(headGradient(part)));
      Arrays.stream(v.get(part.loss().columns())).forEach(columns::add);
    }
    assertArrayEquals(expected.get(whole.loss().losses()), losses, 1e-12);
    assertArrayEquals(expected.get(headGradient(whole)), gradient, 1e-12);
    double[] rows = columns.stream().mapToDouble(Double::doubleValue).toArray();
    assertArrayEquals(expected.get(whole.loss().columns()), rows, 1e-12);
    assertTrue(losses[1] > 0 && losses[2] > 0, Arrays.toString(losses));
  }

  private static Tensor headGradient(Net net) {
    return present(net.graph().gradient(net.graph().parameter("head.weight")));
  }

  private static void add(double[] to, double[] from) {
    Arrays.setAll(to, i -> to[i] + from[i]);
  }

  /// Drop path and dropout of a part of the batch are that part of the batch's.
  @Test
  void partsDrawWhatTheBatchDraws() {
    double[] keep = keep(trace(64, 0, 1, false), 0);
    double[] part = keep(trace(24, 40, 1, false), 40);
    assertArrayEquals(Arrays.copyOfRange(keep, 40, 64), part);
    assertTrue(IntStream.range(0, 24).anyMatch(i -> part[i] != keep[i]), "as the first images'");
  }

  private static double[] keep(Net net, int first) {
    TensorValues v = draw(net, first);
    Reference.run(net.graph().operations().subList(0, net.forward()), v);
    for (Operation operation : net.graph().operations()) {
      if (operation instanceof Residual.DropPath drop) {
        return v.get(drop.keep());
      }
    }
    throw new AssertionError("no drop path");
  }

  @Test
  void everyParameterHasItsRate() {
    Net net = trace(2, 0, 1, false);
    net.graph().rates(name -> name.startsWith("head") ? 1 : 0.125);
    Tensor norm = net.graph().result("norm", Storage.F32, 1);
    Optimizer.Attributes attributes = new Optimizer.Attributes(0.9f, 0.999f, 1e-8f, 0.1f, 0);
    net.graph().adamW(attributes, net.step(), norm, false);
    int seen = 0;
    for (Operation operation : net.graph().operations()) {
      if (operation instanceof Optimizer.AdamW update) {
        for (Optimizer.Parameter parameter : update.parameters()) {
          boolean head = parameter.value().name().startsWith("head");
          assertEquals(head ? 1 : 0.125f, parameter.rate(), parameter.value().name());
          seen++;
        }
      }
    }
    assertEquals(8, seen);
  }

  /// `torch.nn.CrossEntropyLoss(weight, label_smoothing=0.1, reduction="sum")` and
  /// `torch.nn.HuberLoss(delta=0.5)` of one image, worked out by hand: z = (0, ln 2, ln 5) has
  /// softmax (1, 2, 5) / 8.
  @Test
  void oneImageByHand() {
    Net net = trace(1, 0, 2, false);
    TensorValues v = draw(net, 0);
    Loss.Supervised loss = net.loss();
    v.put(loss.output(), new double[] {0, Math.log(2), Math.log(5), 1.25, -3});
    v.put(present(loss.labels()), new int[] {1});
    v.put(present(loss.values()), new double[] {1, 0});
    Reference.run(loss, v);
    double smoothing = 0.1f;
    double own = -2 * Math.log(2 / 8.0);
    double spread =
        -(0.5 * Math.log(1 / 8.0) + 2 * Math.log(2 / 8.0) + 1.25 * Math.log(5 / 8.0)) / 3;
    double classes = (1 - smoothing) * own + smoothing * spread;
    double values = (0.25 * 0.25 / 2 + 0.5 * (3 - 0.25)) / 2;
    assertArrayEquals(
        new double[] {classes, values, 0, 0.25}, v.get(loss.columns()), 1e-12, "columns");
    double total = 0.7f * 2 * classes + 1.3f * 2 * values;
    assertArrayEquals(
        new double[] {total, 2 * classes, 2 * values}, v.get(loss.losses()), 1e-12, "losses");
  }
}
