package org.pixelwake.benchmarks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.pixelwake.engine.CaseTable;
import org.pixelwake.engine.Spec;

/// An operation on drawn arrays, and how each contestant computes it.
abstract class Problem {
  private final Pass pass;
  private final Map<String, ProblemArray> inputs = new LinkedHashMap<>();
  private final SplittableRandom random = new SplittableRandom(1);

  Problem(Spec spec) {
    pass = Pass.of(spec);
  }

  /// The problem of a case. Those of the engine's class `Residual` are made by
  /// `ResidualProblem.of`, by which name it is found.
  static Problem of(Spec spec) {
    String name = Problem.class.getPackageName() + "." + CaseTable.operations(spec.family());
    try {
      MethodType type = MethodType.methodType(Problem.class, Spec.class);
      Class<?> made = Class.forName(name + Problem.class.getSimpleName());
      return (Problem) MethodHandles.lookup().findStatic(made, "of", type).invoke(spec);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "`" + spec.line() + "` is timed, but " + name + "Problem has no method `of(Spec)`", e);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("making the problem of `" + spec.line() + "` failed", e);
    }
  }

  /// Returns the exception for a function of a family that is not timed.
  static IllegalArgumentException unknown(Spec spec) {
    return new IllegalArgumentException("no problem of `" + spec.line() + "`");
  }

  final Pass pass() {
    return pass;
  }

  final Map<String, ProblemArray> inputs() {
    return inputs;
  }

  final ProblemArray input(String name) {
    ProblemArray values = inputs.get(name);
    if (values == null) {
      throw new IllegalArgumentException(name + " is no input");
    }
    return values;
  }

  final SplittableRandom random() {
    return random;
  }

  /// Adds an input of given values.
  final void put(String name, boolean activation, float[] data, int... shape) {
    inputs.put(name, new ProblemArray(activation, shape, data));
  }

  /// Adds an activation (n, h, w, c) drawn evenly between -1 and 1.
  final void activation(String name, int n, int h, int w, int c) {
    put(name, true, draw(-1, 1, n, h, w, c), n, h, w, c);
  }

  /// Adds a parameter drawn evenly in a range.
  final void parameter(String name, double low, double high, int... shape) {
    put(name, false, draw(low, high, shape), shape);
  }

  private float[] draw(double low, double high, int... shape) {
    float[] data = new float[ProblemArray.elements(shape)];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextDouble(low, high);
    }
    return data;
  }

  /// Adds the operations in our own records.
  abstract void pixelwake(PixelwakeCalls calls);

  /// The output, of libtorch's tensors by the names of the inputs; activations are (n, c, h, w).
  abstract Tensor libtorch(Map<String, Tensor> in);

  /// Inputs whose gradients the backward pass gives; the gradient of `x` is the result `dx`. That
  /// of the output is the input `dy`.
  List<String> learned() {
    return List.of();
  }

  /// Adds ND4J's operations.
  void nd4j(Nd4jWork work) {
    throw new UnsupportedOperationException("ND4J has no such operation");
  }

  /// Prepares it in libtorch.
  Work libtorchWork(Layout layout) {
    return new LibtorchWork(this, layout, ScalarType.Float);
  }

  /// What is right, by other means than those measured: here libtorch in double precision, which
  /// takes other paths through it than single precision does.
  Map<String, float[]> expected() {
    try (Work work = new LibtorchWork(this, Layout.NCHW, ScalarType.Double)) {
      work.run();
      return work.results();
    }
  }

  /// Whether every run computes the same; else only the first is what [#expected()] says.
  boolean repeats() {
    return true;
  }
}
