package org.pixelwake.benchmarks;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.Transform;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.BatchNorm;
import org.pixelwake.engine.op.Operation;

/// Collects the operations of a problem in our own records, with its arrays as their tensors.
final class PixelwakeCalls {
  /// A range of a tensor that holds a result.
  record Range(Tensor tensor, int from, int length) {}

  /// Constants of the batch norms of the reference.
  static final BatchNorm.Attributes BATCH_NORM = new BatchNorm.Attributes(1e-5f, 0.1f);

  private final Problem problem;
  private final Graph graph = new Graph(new ParameterLayout(List.of()), true, Storage.F32);
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final List<Consumer<Program>> uploads = new ArrayList<>();
  private final Map<String, Range> results = new LinkedHashMap<>();

  PixelwakeCalls(Problem problem) {
    this.problem = problem;
    problem.pixelwake(this);
  }

  Graph graph() {
    return graph;
  }

  Map<String, Range> results() {
    return results;
  }

  void add(Operation operation) {
    graph.add(operation);
  }

  /// The tensor of an array of the problem.
  Tensor in(String name) {
    return inputs.computeIfAbsent(
        name, key -> graph.input(key, Storage.F32, problem.input(key).shape()));
  }

  /// A tensor of another type than f32, of that many bytes; it travels as the storage of its width.
  Tensor raw(String name, Storage width, MemorySegment data) {
    Tensor tensor = graph.input(name, width, Math.toIntExact(data.byteSize() / width.bytes()));
    uploads.add(program -> program.upload(data, tensor));
    return tensor;
  }

  /// The state of a step.
  Tensor step(StepState state) {
    Tensor tensor = StepState.tensor(graph);
    uploads.add(program -> state.upload(program, tensor));
    return tensor;
  }

  /// Writes all inputs.
  void upload(Program program) {
    inputs.forEach((name, tensor) -> program.upload(problem.input(name).data(), tensor));
    uploads.forEach(upload -> upload.accept(program));
  }

  /// A tensor that is computed and not asked for.
  Tensor scratch(String name, int... shape) {
    return graph.intermediate(name, Storage.F32, shape);
  }

  /// A tensor that the program gives back.
  Tensor out(String name, int... shape) {
    return graph.result(name, Storage.F32, shape);
  }

  /// A tensor that is a result as a whole.
  Tensor result(String name, int... shape) {
    Tensor tensor = out(name, shape);
    result(name, tensor, 0, ProblemArray.elements(shape));
    return tensor;
  }

  /// Names a range of a tensor as a result.
  void result(String name, Tensor tensor, int from, int length) {
    results.put(name, new Range(tensor, from, length));
  }

  /// The sums (2, c) that a batch norm's backward pass needs, which are the gradients of its beta
  /// and gamma.
  Tensor batchNormSums(int channels) {
    Tensor sums = out("sums", 2, channels);
    result("dbeta", sums, 0, channels);
    result("dgamma", sums, channels, channels);
    return sums;
  }

  /// The array `x` behind the batch norm of the arrays `gamma`, `beta`, `mean` and `var`.
  View normalised(Transform transform) {
    Tensor x = in("x");
    Tensor bn = scratch("bn", 4, x.dim(3));
    add(
        new BatchNorm.Forward(
            BATCH_NORM, x, null, in("gamma"), in("beta"), in("mean"), in("var"), bn, 1));
    return new View(x, transform, bn, null);
  }

  /// All tensors to download.
  List<Tensor> outputs() {
    return results.values().stream().map(Range::tensor).distinct().toList();
  }
}
