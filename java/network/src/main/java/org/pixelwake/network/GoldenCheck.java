package org.pixelwake.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.InputException;
import org.pixelwake.engine.Loss;
import org.pixelwake.engine.Optimizer;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.network.checkpoint.NamedTensor;
import org.pixelwake.network.checkpoint.TensorMap;

/// Compares a network with what PyTorch computed from the same checkpoint: the golden files of `make_goldens.py`.
public final class GoldenCheck {
  /// Largest relative error of outputs in evaluation mode.
  public static final double OUTPUT_TOLERANCE = 1e-4;

  /// Largest relative error of losses, gradients, running statistics and parameters after the optimizer's steps.
  public static final double TRAINING_TOLERANCE = 1e-3;

  /// One comparison.
  ///
  /// @param error norm of the difference over the norm of the golden tensor
  /// @param maximum largest absolute difference
  public record Row(String name, double error, double maximum, double tolerance) {
    /// Whether it is within its tolerance.
    public boolean passed() {
      return error <= tolerance;
    }
  }

  private static final String TRAIN = "train.";

  private final Device device;
  private final TensorMap golden;
  private final Network network;
  private final TensorMap weights;
  private final int n;
  private final int side;
  private final List<Row> rows = new ArrayList<>();

  private GoldenCheck(Device device, TensorMap weights, TensorMap golden) {
    this.device = device;
    this.weights = weights;
    this.golden = golden;
    // make_goldens.py trains with weight decay on everything and without stochastic depth.
    this.network = plain(StateDict.network(weights));
    long[] shape = golden.get("input").shape();
    if (shape.length != 4 || shape[1] != 3 || shape[2] != shape[3] || shape[2] % 32 != 0) {
      throw new InputException(
          golden.source(),
          "input",
          "is not of shape (n, 3, side, side) with sides a multiple of 32",
          "Make the golden file with make_goldens.py");
    }
    this.n = (int) shape[0];
    this.side = (int) shape[2];
  }

  private static Network plain(Network read) {
    Architecture architecture = read.architecture().withoutStochasticDepth();
    return read.kind() == Network.Kind.AUTOENCODER
        ? Network.autoencoder(architecture).decayingAll()
        : Network.classifier(architecture, read.classes()).decayingAll();
  }

  /// Runs every comparison that the golden file has numbers for.
  ///
  /// @param weights state dict that the golden file was made from
  /// @param golden what PyTorch computed
  public static List<Row> run(Device device, TensorMap weights, TensorMap golden) {
    GoldenCheck check = new GoldenCheck(device, weights, golden);
    if (check.network.kind() == Network.Kind.AUTOENCODER) {
      check.evaluateAutoencoder();
      check.trainAutoencoder();
    } else {
      check.evaluateClassifier();
    }
    if (check.rows.isEmpty()) {
      throw new InputException(
          golden.source(),
          "",
          "has nothing to compare with",
          "Make the golden file with make_goldens.py");
    }
    return check.rows;
  }

  /// The comparisons as a table, the worst of each kind first.
  public static String table(List<Row> rows) {
    StringBuilder text = new StringBuilder();
    int width = rows.stream().mapToInt(r -> r.name().length()).max().orElse(4);
    String format = "%-" + width + "s  %10s  %10s  %10s  %s%n";
    text.append(
        String.format(Locale.ROOT, format, "tensor", "rel. error", "max. error", "allowed", ""));
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              format,
              row.name(),
              number(row.error()),
              number(row.maximum()),
              number(row.tolerance()),
              row.passed() ? "ok" : "FAILED"));
    }
    return text.toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2e", value);
  }

  private void evaluateAutoencoder() {
    try (ParameterStore store = ParameterStore.forInference(device, network.layout())) {
      StateDict.load(weights, store);
      Graph graph = new Graph(network.layout(), false, Storage.F32);
      Tensor image = graph.input("input", Storage.F32, n, side, side, 3);
      List<View> features = network.encode(graph, image, null);
      List<Tensor> seen = new ArrayList<>();
      for (View view : features) {
        seen.add(graph.materialise(view, graph.result("features", Storage.F32, view.data().shape())));
      }
      Tensor decoded = network.decode(graph, features.getLast());
      Tensor output =
          graph.materialise(
              View.of(decoded), graph.result("output", Storage.F32, decoded.shape()));
      try (Program program = Program.compile(device, graph, store, false)) {
        program.upload(toNhwc(golden.get("input")), image);
        program.run();
        for (int i = 0; i < seen.size(); i++) {
          compareFeatures("eval.features." + i, program.download(seen.get(i)), seen.get(i));
        }
        compareImage("eval.output", program.download(output), OUTPUT_TOLERANCE);
      }
    }
  }

  private void evaluateClassifier() {
    try (ParameterStore store = ParameterStore.forInference(device, network.layout())) {
      StateDict.load(weights, store);
      Graph graph = new Graph(network.layout(), false, Storage.F32);
      Tensor image = graph.input("input", Storage.F32, n, side, side, 3);
      View top = network.encode(graph, image, null).getLast();
      Tensor features =
          graph.materialise(top, graph.result("features", Storage.F32, top.data().shape()));
      Tensor embedding = graph.result("embedding", Storage.F32, n, top.c());
      Tensor logits = graph.result("logits", Storage.F32, n, network.classes());
      network.classify(graph, top, embedding, logits);
      try (Program program = Program.compile(device, graph, store, false)) {
        program.upload(toNhwc(golden.get("input")), image);
        program.run();
        compareFeatures("features", program.download(features), features);
        compare("embedding", program.download(embedding), OUTPUT_TOLERANCE);
        compare("logits", program.download(logits), OUTPUT_TOLERANCE);
      }
    }
  }

  private void trainAutoencoder() {
    int steps = 0;
    while (golden.contains(TRAIN + steps + ".losses")) {
      steps++;
    }
    if (steps == 0) {
      return;
    }
    double rate = metadata("lr", 1e-3);
    float decay = (float) metadata("weight_decay", 1e-2);
    try (ParameterStore store = ParameterStore.forTraining(device, network.layout(), false)) {
      StateDict.load(weights, store);
      Graph graph = new Graph(network.layout(), true, Storage.F32);
      Tensor image = graph.input("input", Storage.F32, n, side, side, 3);
      Tensor step = StepState.tensor(graph);
      Tensor decoded = network.decode(graph, network.encode(graph, image, step).getLast());
      Tensor output =
          graph.materialise(
              View.of(decoded), graph.result("output", Storage.F32, decoded.shape()));
      Tensor doutput = graph.intermediate("doutput", Storage.F32, decoded.shape());
      Tensor losses = graph.result("losses", Storage.F32, 4);
      Tensor columns = graph.result("columns", Storage.F32, n, Loss.COLUMNS);
      graph.add(
          new Loss.Autoencoder(Loss.Weights.PLAIN, decoded, image, doutput, losses, columns));
      graph.differentiate();
      Tensor norm = graph.result("norm", Storage.F32, 1);
      graph.adamW(new Optimizer.Attributes(0.9f, 0.999f, 1e-8f, decay, 0), step, norm, false);
      try (Program program = Program.compile(device, graph, store, false)) {
        program.upload(toNhwc(golden.get("input")), image);
        for (int i = 0; i < steps; i++) {
          new StepState(0, i + 1, rate, 0.9, 0.999, 0).upload(program, step);
          program.run();
          compare(TRAIN + i + ".losses", program.download(losses), TRAINING_TOLERANCE);
          if (i == 0) {
            compareImage("train.0.output", program.download(output), TRAINING_TOLERANCE);
            compareEntries("train.0.grad.", Slab.GRADIENTS, store);
            compareEntries("train.0.buffer.", Slab.STATE, store);
          }
        }
        compareEntries(TRAIN + steps + ".param.", Slab.PARAMETERS, store);
      }
    }
  }

  private double metadata(String key, double fallback) {
    String text = golden.metadata().get(key);
    if (text == null) {
      return fallback;
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new InputException(
          golden.source(),
          "__metadata__." + key,
          "is no number: " + text,
          "Make the golden file with make_goldens.py",
          e);
    }
  }

  private void compareEntries(String prefix, Slab slab, ParameterStore store) {
    for (ParameterLayout.Entry entry : network.layout().entries()) {
      boolean state = entry.group() == ParameterLayout.Group.STATE;
      if (state == (slab == Slab.STATE) && golden.contains(prefix + entry.name())) {
        compare(prefix + entry.name(), store.get(slab, entry.name()), TRAINING_TOLERANCE);
      }
    }
  }

  // The golden file holds a stage's output either whole (n, c, h, w) or averaged over h and w (n, c).
  private void compareFeatures(String name, float[] nhwc, Tensor shape) {
    NamedTensor expected = golden.find(name).orElse(null);
    if (expected == null) {
      return;
    }
    if (expected.shape().length == 4) {
      compareImage(name, nhwc, OUTPUT_TOLERANCE);
      return;
    }
    int c = shape.dim(3);
    int area = shape.dim(1) * shape.dim(2);
    float[] means = new float[n * c];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < c; k++) {
        double sum = 0;
        for (int p = 0; p < area; p++) {
          sum += nhwc[(i * area + p) * c + k];
        }
        means[i * c + k] = (float) (sum / area);
      }
    }
    compare(name, means, OUTPUT_TOLERANCE);
  }

  private void compareImage(String name, float[] nhwc, double tolerance) {
    NamedTensor expected = golden.find(name).orElse(null);
    if (expected != null) {
      add(name, nhwc, toNhwc(expected), tolerance);
    }
  }

  private void compare(String name, float[] actual, double tolerance) {
    NamedTensor expected = golden.find(name).orElse(null);
    if (expected != null) {
      add(name, actual, expected.toFloats(), tolerance);
    }
  }

  private void add(String name, float[] actual, float[] expected, double tolerance) {
    if (actual.length != expected.length) {
      throw new InputException(
          golden.source(),
          name,
          "has " + expected.length + " elements where the network has " + actual.length,
          "Give the golden file that was made from this checkpoint");
    }
    double difference = 0;
    double norm = 0;
    double maximum = 0;
    for (int i = 0; i < actual.length; i++) {
      double d = (double) actual[i] - expected[i];
      difference += d * d;
      norm += (double) expected[i] * expected[i];
      maximum = Math.max(maximum, Math.abs(d));
    }
    double error = norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
    rows.add(new Row(name, error, maximum, tolerance));
  }

  private static float[] toNhwc(NamedTensor nchw) {
    return Layouts.toNhwc(nchw.toFloats(), nchw.shape());
  }

  /// The rows that failed, or an empty list.
  public static List<Row> failures(List<Row> rows) {
    return rows.stream().filter(r -> !r.passed()).toList();
  }
}
