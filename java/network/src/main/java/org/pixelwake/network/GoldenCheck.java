package org.pixelwake.network;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Optimizer;
import org.pixelwake.network.checkpoint.NamedTensor;
import org.pixelwake.network.checkpoint.TensorMap;

/// Compares a network with what PyTorch computed from the same checkpoint: the golden files of
/// `make_goldens.py`.
public final class GoldenCheck {
  /// Largest relative error of outputs in evaluation mode.
  private static final double OUTPUT_TOLERANCE = 1e-4;

  /// Largest relative error of losses, gradients, running statistics and parameters after the
  /// optimizer's steps.
  private static final double TRAINING_TOLERANCE = 1e-3;

  /// One comparison.
  ///
  /// @param error norm of the difference over the norm of the golden tensor (or of what it is held
  ///   against)
  /// @param maximum largest absolute difference
  public record Row(String name, double error, double maximum, double tolerance) {
    /// Whether it is within its tolerance.
    public boolean passed() {
      return error <= tolerance;
    }
  }

  /// A gradient below this part of the gradient of the same batch norm's scale is rounding of a
  /// zero, and ours must be as small.
  private static final double ZERO_TOLERANCE = 1e-5;

  /// Part of the way that AdamW can have moved an element by which it may differ.
  private static final double TRAVEL_TOLERANCE = 0.05;

  private static final String TRAIN = "train.";
  private static final String GRADIENT = "train.0.grad.";

  private final Device device;
  private final TensorMap golden;
  private final Network network;
  private final TensorMap weights;
  private final int n;
  private final int side;
  private final float[] input;
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
    this.input = toNhwc(golden.get("input"));
  }

  private static Network plain(Network read) {
    Architecture architecture = read.architecture().withStochasticDepth(0);
    return read.kind() == Network.Kind.AUTOENCODER
        ? Network.autoencoder(architecture).decayingAll()
        : Network.classifier(architecture, read.outputs()).decayingAll();
  }

  /// Runs every comparison that the golden file has numbers for.
  ///
  /// @param weights state dict that the golden file was made from
  /// @param golden what PyTorch computed
  public static List<Row> run(Device device, TensorMap weights, TensorMap golden) {
    GoldenCheck check = new GoldenCheck(device, weights, golden);
    check.evaluate();
    if (check.network.kind() == Network.Kind.AUTOENCODER) {
      check.trainAutoencoder();
    }
    if (check.rows.isEmpty()) {
      throw new InputException(
          golden.source(),
          "has nothing to compare with",
          "Make the golden file with make_goldens.py");
    }
    return check.rows;
  }

  /// The comparisons as a table.
  public static String table(List<Row> rows) {
    int width = rows.stream().mapToInt(r -> r.name().length()).max().orElse(4);
    String names = "%-" + width + "s  %10s  %10s  %10s  %s%n";
    String numbers = "%-" + width + "s  %10.2e  %10.2e  %10.2e  %s%n";
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(Locale.ROOT, names, "tensor", "rel. error", "max. error", "allowed", ""));
    for (Row r : rows) {
      String verdict = r.passed() ? "ok" : "FAILED";
      text.append(
          String.format(
              Locale.ROOT, numbers, r.name(), r.error(), r.maximum(), r.tolerance(), verdict));
    }
    return text.toString();
  }

  /// Returns a line that says how many comparisons there were, how many failed, and which is the
  /// worst, measured by what is allowed.
  public static String verdict(List<Row> rows) {
    // NaN is above all others.
    Row worst =
        Collections.max(rows, Comparator.comparingDouble(row -> row.error() / row.tolerance()));
    long failed = rows.stream().filter(row -> !row.passed()).count();
    String counts =
        failed == 0
            ? "PASSED: all " + rows.size() + " comparisons are within"
            : "FAILED: " + failed + " of " + rows.size() + " comparisons are beyond";
    return String.format(
        Locale.ROOT,
        "%s what is allowed; the worst is %s with %.2e of %.0e",
        counts,
        worst.name(),
        worst.error(),
        worst.tolerance());
  }

  private void evaluate() {
    try (ParameterStore store = ParameterStore.forInference(device, network.layout())) {
      StateDict.load(weights, store);
      Graph graph = new Graph(network.layout(), false, Storage.F32);
      Tensor image = graph.input("input", Storage.F32, n, side, side, 3);
      List<View> features = network.encode(graph, image, null);
      View top = features.getLast();
      boolean autoencoder = network.kind() == Network.Kind.AUTOENCODER;
      Map<String, Tensor> seen = new LinkedHashMap<>();
      if (autoencoder) {
        for (View view : features) {
          seen.put("eval.features." + seen.size(), whole(graph, view));
        }
        seen.put("eval.output", whole(graph, View.of(network.decode(graph, top))));
      } else {
        Tensor embedding = graph.result("embedding", Storage.F32, n, top.c());
        Tensor logits = graph.result("logits", Storage.F32, n, network.outputs());
        seen.put("features", whole(graph, top));
        seen.put("embedding", embedding);
        seen.put("logits", logits);
        network.classify(graph, top, embedding, logits, null);
      }
      try (Program program = Program.compile(device, graph, store, false)) {
        program.upload(input, image);
        program.run();
        seen.forEach((name, tensor) -> compareOutput(name, program.download(tensor), tensor));
      }
      if (!autoencoder) {
        try (Encoder encoder =
            Encoder.of(device, network, store, Slab.PARAMETERS, side, n, Storage.F32)) {
          String title = "embedding, batch norms folded";
          compare("embedding", title, encoder.embed(input), OUTPUT_TOLERANCE);
        }
      }
    }
  }

  private static Tensor whole(Graph graph, View view) {
    return graph.materialise(view, graph.result("whole", Storage.F32, view.data().shape()));
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
      Tensor output = whole(graph, View.of(decoded));
      Tensor doutput = graph.intermediate("doutput", Storage.F32, decoded.shape());
      Tensor losses = graph.result("losses", Storage.F32, 4);
      Tensor columns = graph.result("columns", Storage.F32, n, Loss.COLUMNS);
      graph.add(new Loss.Autoencoder(Loss.Weights.PLAIN, decoded, image, doutput, losses, columns));
      graph.keepGradients();
      graph.differentiate();
      Tensor norm = graph.result("norm", Storage.F32, 1);
      graph.adamW(new Optimizer.Attributes(0.9f, 0.999f, 1e-8f, decay, 0), step, norm, false);
      try (Program program = Program.compile(device, graph, store, false)) {
        program.upload(input, image);
        for (int i = 0; i < steps; i++) {
          new StepState(0, i + 1, rate, 0.9, 0.999, 0).upload(program, step);
          program.run();
          compare(TRAIN + i + ".losses", program.download(losses), TRAINING_TOLERANCE);
          if (i == 0) {
            compare("train.0.output", program.download(output), TRAINING_TOLERANCE);
            compareGradients(graph, program);
            compareRunningStatistics(store);
          }
        }
        compareParameters(store, TRAIN + steps + ".param.", rate * steps);
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

  private void compareGradients(Graph graph, Program program) {
    for (ParameterLayout.Entry entry : network.layout().entries()) {
      String name = GRADIENT + entry.name();
      Tensor gradient = graph.gradient(graph.parameter(entry.name()));
      if (gradient == null || !golden.contains(name)) {
        continue;
      }
      float[] actual = program.download(gradient);
      float[] expected = golden.get(name).toFloats();
      if (isZero(entry.name())) {
        // Held against the gradient of the same batch norm's scale: PyTorch's zero and ours are
        // both rounding.
        double scale = norm(golden.get(scaleGradient(entry.name())).toFloats());
        add(name + " (zero)", actual, expected, scale, ZERO_TOLERANCE);
      } else {
        add(name, actual, expected, norm(expected), TRAINING_TOLERANCE);
      }
    }
  }

  // The bias of a batch norm behind which a convolution leads into the next batch norm, which takes
  // any constant away again, has no effect. Its gradient is zero; what the file holds is rounding,
  // five orders below any other.
  private boolean isZero(String parameter) {
    String scale = scaleGradient(parameter);
    return parameter.endsWith(".bias")
        && golden.contains(scale)
        && norm(golden.get(GRADIENT + parameter).toFloats())
            < ZERO_TOLERANCE * norm(golden.get(scale).toFloats());
  }

  private static String scaleGradient(String parameter) {
    return GRADIENT + parameter.replaceAll("bias$", "weight");
  }

  private void compareRunningStatistics(ParameterStore store) {
    for (ParameterLayout.Entry entry : network.layout().entries()) {
      if (entry.group() == ParameterLayout.Group.STATE) {
        compare(
            "train.0.buffer." + entry.name(),
            store.get(Slab.STATE, entry.name()),
            TRAINING_TOLERANCE);
      }
    }
  }

  // All parameters together are held to TRAINING_TOLERANCE. A single tensor may err by more,
  // because
  // AdamW divides each element of a gradient by its own size: a relative error e of the element
  // moves the parameter by e times the learning rate in each step (at most by twice the rate, where
  // the sign is lost). So what gradients may err by (TRAINING_TOLERANCE of their norm) shows again
  // in
  // the small elements, and a gradient that is zero moves its parameter at random. TRAVEL_TOLERANCE
  // is for the later steps, whose gradients the file does not hold: PyTorch in channels-last order
  // differs from the golden file (channels first) by up to 20 % of the norm of squeeze-excite's
  // biases, which start near zero.
  private void compareParameters(ParameterStore store, String prefix, double travel) {
    double difference = 0;
    double whole = 0;
    double maximum = 0;
    for (ParameterLayout.Entry entry : network.layout().entries()) {
      if (entry.group() == ParameterLayout.Group.STATE || !golden.contains(prefix + entry.name())) {
        continue;
      }
      float[] expected = golden.get(prefix + entry.name()).toFloats();
      double allowed = 0;
      if (golden.contains(GRADIENT + entry.name())) {
        float[] gradient = golden.get(GRADIENT + entry.name()).toFloats();
        double slack =
            isZero(entry.name()) ? Double.POSITIVE_INFINITY : TRAINING_TOLERANCE * norm(gradient);
        for (float g : gradient) {
          double moved = travel * Math.min(2, TRAVEL_TOLERANCE + slack / Math.abs(g));
          allowed += moved * moved;
        }
      }
      double norm = norm(expected);
      Row row =
          add(
              prefix + entry.name(),
              store.get(Slab.PARAMETERS, entry.name()),
              expected,
              norm,
              TRAINING_TOLERANCE + Math.sqrt(allowed) / norm);
      difference += Math.pow(row.error() * norm, 2);
      whole += norm * norm;
      maximum = Math.max(maximum, row.maximum());
    }
    if (whole > 0) {
      String name = prefix + "(all)";
      rows.add(new Row(name, Math.sqrt(difference / whole), maximum, TRAINING_TOLERANCE));
    }
  }

  // The golden file holds the output of a stage either whole (n, c, h, w) or averaged over h and w
  // (n, c).
  private void compareOutput(String name, float[] actual, Tensor shape) {
    boolean averaged =
        shape.shape().length == 4
            && golden.find(name).filter(expected -> expected.shape().length == 2).isPresent();
    compare(name, averaged ? averages(actual, shape) : actual, OUTPUT_TOLERANCE);
  }

  private float[] averages(float[] nhwc, Tensor shape) {
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
    return means;
  }

  private void compare(String name, float[] actual, double tolerance) {
    compare(name, name, actual, tolerance);
  }

  private void compare(String name, String title, float[] actual, double tolerance) {
    NamedTensor expected = golden.find(name).orElse(null);
    if (expected != null) {
      float[] values = expected.shape().length == 4 ? toNhwc(expected) : expected.toFloats();
      add(title, actual, values, norm(values), tolerance);
    }
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  private Row add(String name, float[] actual, float[] expected, double scale, double tolerance) {
    if (actual.length != expected.length) {
      throw new InputException(
          golden.source(),
          name,
          "has " + expected.length + " elements where the network has " + actual.length,
          "Give the golden file that was made from this checkpoint");
    }
    double difference = 0;
    double maximum = 0;
    for (int i = 0; i < actual.length; i++) {
      double d = (double) actual[i] - expected[i];
      difference += d * d;
      maximum = Math.max(maximum, Math.abs(d));
    }
    double error = Math.sqrt(difference) / (scale == 0 ? 1 : scale);
    Row row = new Row(name, error, maximum, tolerance);
    rows.add(row);
    return row;
  }

  // From PyTorch's order (n, c, h, w) to that of the kernels (n, h, w, c).
  private static float[] toNhwc(NamedTensor nchw) {
    long[] shape = nchw.shape();
    int n = (int) shape[0];
    int c = (int) shape[1];
    int area = Math.toIntExact(shape[2] * shape[3]);
    float[] values = nchw.toFloats();
    float[] nhwc = new float[values.length];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < c; k++) {
        for (int p = 0; p < area; p++) {
          nhwc[(i * area + p) * c + k] = values[(i * c + k) * area + p];
        }
      }
    }
    return nhwc;
  }
}
