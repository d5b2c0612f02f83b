package org.pixelwake.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.network.Network;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.training.target.TargetScale;

/// A network in evaluation mode: features, probabilities and values of given clusters, which are
/// not masked. What it says of a cluster does not depend on the others of a batch.
public final class Predictor implements AutoCloseable {
  private final Device device;
  private final Network network;
  private final ParameterStore store;
  private final RunConfig config;
  private final boolean averaged;
  private final int batch;
  private final List<String> classes;
  private final List<TargetScale> targets;
  private final int symmetries;
  private @Nullable Compiled compiled;

  // The program for batches of up to so many hits; outputs are those of a classifier, or the
  // features, an output a symmetry of the image.
  private record Compiled(
      int capacity,
      Program program,
      StagedBatch hits,
      Tensor step,
      Tensor features,
      List<Tensor> outputs) {
    void close() {
      program.close();
      hits.close();
    }
  }

  /// @param averaged use the moving averages of parameters and running statistics
  /// @param batch clusters looked at in one run
  /// @param classes of a classifier's logits
  /// @param targets of its further columns
  /// @param symmetries of the square that a classifier's outputs are averaged over: 1 or 8
  public Predictor(
      Device device,
      Network network,
      ParameterStore store,
      RunConfig config,
      boolean averaged,
      int batch,
      List<String> classes,
      List<TargetScale> targets,
      int symmetries) {
    if (batch < 1) {
      throw new InputException("--batch", "is out of range", "Give a value of at least 1");
    }
    checkSymmetries(symmetries);
    this.symmetries = symmetries;
    this.device = device;
    this.network = network;
    this.store = store;
    this.config = config;
    this.averaged = averaged;
    this.batch = batch;
    this.classes = List.copyOf(classes);
    this.targets = List.copyOf(targets);
  }

  /// Checks a number of symmetries that outputs are to be averaged over.
  ///
  /// @throws InputException where it is neither 1 nor 8
  public static void checkSymmetries(int symmetries) {
    if (symmetries != 1 && symmetries != Rasterize.SYMMETRIES) {
      throw new InputException(
          "--symmetries " + symmetries,
          "is not a number of symmetries that a square has",
          "Give 1 or 8");
    }
  }

  private Compiled compile(int capacity) {
    Graph graph = new Graph(network.layout(), false, Storage.F32);
    Tensor step = StepState.tensor(graph);
    StagedBatch hits = new StagedBatch(graph, network, batch, capacity);
    boolean classifier = network.kind() == Network.Kind.CLASSIFIER;
    int width = network.shape().top();
    List<Tensor> features = new ArrayList<>();
    List<Tensor> outputs = new ArrayList<>();
    for (int symmetry = 0; symmetry < (classifier ? symmetries : 1); symmetry++) {
      Tensor pooled = graph.result("features", Storage.F32, batch, width);
      Rasterize.Attributes seen = config.images(false).turned(symmetry);
      ClusterEncoder.trace(graph, network, seen, hits.tensors(), step, pooled);
      features.add(pooled);
      if (classifier) {
        Tensor output = graph.result("output", Storage.F32, batch, network.outputs());
        network.classify(graph, pooled, output, null);
        outputs.add(output);
      }
    }
    Program program = Program.compile(device, graph, store, averaged);
    return new Compiled(capacity, program, hits, step, features.getFirst(), List.copyOf(outputs));
  }

  /// Clusters looked at in one run.
  public int batch() {
    return batch;
  }

  /// Pooled features of the encoder for each of the rows, as they stand: (rows, features).
  public float[][] embed(ClusterTable table, int[] rows) {
    return run(table, rows, 1, c -> List.of(c.features)).getFirst();
  }

  /// Probabilities and values for each of the rows.
  ///
  /// @throws IllegalStateException where the network is an autoencoder
  public ClassifierOutputs predict(ClusterTable table, int[] rows) {
    if (network.kind() != Network.Kind.CLASSIFIER) {
      throw new IllegalStateException("an autoencoder predicts nothing");
    }
    List<ClassifierOutputs> turned =
        run(table, rows, symmetries, Compiled::outputs).stream()
            .map(outputs -> new ClassifierOutputs(classes, targets, outputs))
            .toList();
    return turned.size() == 1 ? turned.getFirst() : ClassifierOutputs.averaged(turned);
  }

  // For each of `count` tensors its rows.
  private List<float[][]> run(
      ClusterTable table, int[] rows, int count, Function<Compiled, List<Tensor>> wanted) {
    List<float[][]> all = Stream.generate(() -> new float[rows.length][]).limit(count).toList();
    for (int first = 0; first < rows.length; first += batch) {
      int[] part = StagedBatch.rows(rows, first, batch);
      Compiled c = withRoom(Math.toIntExact(Arrays.stream(part).mapToLong(table::size).sum()));
      c.hits.upload(c.program, table, part, 0);
      new StepState(config.seed, 0, 0, 0, 0, 0).upload(c.program, c.step);
      c.program.run();
      List<Tensor> tensors = wanted.apply(c);
      for (int t = 0; t < count; t++) {
        float[] values = c.program.download(tensors.get(t));
        int width = values.length / batch;
        for (int i = 0; i < Math.min(batch, rows.length - first); i++) {
          all.get(t)[first + i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
        }
      }
    }
    return all;
  }

  // Compiled anew where a batch has more hits than any before, for twice as many at least.
  private Compiled withRoom(int needed) {
    Compiled c = compiled;
    if (c == null || c.capacity < needed) {
      close();
      c = compile(c == null ? needed : Math.max(needed, 2 * c.capacity));
      compiled = c;
    }
    return c;
  }

  @Override
  public void close() {
    if (compiled != null) {
      compiled.close();
      compiled = null;
    }
  }
}
