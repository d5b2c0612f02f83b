package org.pixelwake.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/// A problem in ND4J: operations on arrays that are allocated once.
final class Nd4jWork implements Work {
  private record Result(INDArray array, int[] order) {}

  private final Problem problem;
  private final Map<String, INDArray> inputs = new LinkedHashMap<>();
  private final Map<String, Result> results = new LinkedHashMap<>();
  private final List<CustomOp> operations = new ArrayList<>();

  Nd4jWork(Problem problem, int threads) {
    this.problem = problem;
    Nd4j.getEnvironment().setMaxThreads(threads);
    Nd4j.getEnvironment().setMaxMasterThreads(threads);
    problem.nd4j(this);
  }

  /// An array of the problem with its dimensions in another order.
  INDArray in(String name, int... order) {
    return inputs.computeIfAbsent(
        name,
        key -> {
          ProblemArray values = problem.input(key);
          INDArray array = Nd4j.createFromArray(values.data()).reshape('c', values.shape());
          return order.length == 0 ? array : array.permute(order).dup('c');
        });
  }

  /// An array to be written.
  INDArray out(long... shape) {
    return Nd4j.create(DataType.FLOAT, shape);
  }

  /// Names an array as a result; `order` puts its dimensions into ours.
  void result(String name, INDArray array, int... order) {
    results.put(name, new Result(array, order));
  }

  void add(DynamicCustomOp.DynamicCustomOpsBuilder operation) {
    operations.add(operation.build());
  }

  @Override
  public void run() {
    for (CustomOp operation : operations) {
      Nd4j.getExecutioner().exec(operation);
    }
  }

  @Override
  public Map<String, float[]> results() {
    Map<String, float[]> data = new LinkedHashMap<>();
    results.forEach((name, result) -> {
      INDArray array = result.array();
      INDArray ordered = result.order().length == 0 ? array : array.permute(result.order());
      data.put(name, ordered.dup('c').data().asFloat());
    });
    return data;
  }

  @Override
  public void close() {
    results.values().forEach(result -> result.array().close());
    inputs.values().forEach(INDArray::close);
  }
}
