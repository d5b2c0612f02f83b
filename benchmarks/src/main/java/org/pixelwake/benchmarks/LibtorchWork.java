package org.pixelwake.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A problem in libtorch. The backward pass is autograd's on a graph that is built once and kept.
final class LibtorchWork implements Work {
  private final Problem problem;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final TensorVector learned = new TensorVector();
  private final TensorVector seeds = new TensorVector();
  private final TensorVector kept = new TensorVector();
  private TensorVector answers = new TensorVector();

  LibtorchWork(Problem problem, Layout layout, ScalarType type) {
    this.problem = problem;
    problem.inputs().forEach((name, values) -> inputs.put(name, tensor(values, layout, type)));
    for (String name : problem.learned()) {
      learned.push_back(input(name).set_requires_grad(true));
    }
    if (problem.pass() == Pass.BACKWARD) {
      kept.push_back(problem.libtorch(inputs));
      seeds.push_back(input("dy"));
    }
  }

  private Tensor input(String name) {
    Tensor tensor = inputs.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(name + " is no input");
    }
    return tensor;
  }

  static Tensor tensor(ProblemArray values, Layout layout, ScalarType type) {
    Tensor plain = torch.tensor(values.data()).view(values.longShape());
    Tensor arranged = values.activation() ? plain.permute(0, 3, 1, 2) : plain;
    Tensor typed = arranged.to(type);
    return values.shape().length == 4 ? typed.contiguous(layout.format()) : typed.contiguous();
  }

  static float[] floats(Tensor tensor, boolean activation) {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor arranged = activation ? tensor.permute(0, 2, 3, 1) : tensor;
      Tensor plain = arranged.to(ScalarType.Float).contiguous();
      float[] data = new float[Math.toIntExact(plain.numel())];
      plain.data_ptr_float().get(data);
      return data;
    }
  }

  @Override
  public void run() {
    try (PointerScope _ = new PointerScope()) {
      answers.close();
      answers =
          switch (problem.pass()) {
            case FORWARD -> forward();
            case BACKWARD -> torch.grad(kept, learned, seeds, keepGraph(true), false, false);
            case WHOLE -> whole();
          };
      answers.retainReference();
    }
  }

  private TensorVector forward() {
    try (NoGradGuard _ = new NoGradGuard()) {
      return new TensorVector(problem.libtorch(inputs));
    }
  }

  private TensorVector whole() {
    Tensor output = problem.libtorch(inputs);
    TensorVector outputs = new TensorVector(output);
    TensorVector gradients =
        torch.grad(outputs, learned, new TensorVector(), keepGraph(false), false, false);
    for (long i = 0; i < gradients.size(); i++) {
      outputs.push_back(gradients.get(i));
    }
    return outputs;
  }

  private static BoolOptional keepGraph(boolean keep) {
    return new BoolOptional(keep);
  }

  @Override
  public Map<String, float[]> results() {
    List<String> names = new ArrayList<>();
    if (problem.pass() != Pass.BACKWARD) {
      names.add("y");
    }
    if (problem.pass() != Pass.FORWARD) {
      problem.learned().forEach(name -> names.add("d" + name));
    }
    Map<String, float[]> results = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      Tensor answer = answers.get(i);
      boolean activation =
          name.equals("y") ? answer.dim() == 4 : problem.input(name.substring(1)).activation();
      results.put(name, floats(answer, activation));
    }
    return results;
  }

  @Override
  public void close() {
    answers.close();
    kept.close();
    seeds.close();
    learned.close();
    inputs.values().forEach(Tensor::close);
  }
}
