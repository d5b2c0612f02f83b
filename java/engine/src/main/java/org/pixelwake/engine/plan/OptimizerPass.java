package org.pixelwake.engine.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.Optimizer;

/// Lets the optimizer into the backward pass, so that gradients are read while they are still in
/// the cache and, where nothing has to wait for the norm of all of them, die at once (Lv et al.
/// 2023, "Full parameter fine-tuning for large language models with limited resources").
public final class OptimizerPass {
  /// Gradients are taken up in groups of about this size: small enough for a last-level cache and
  /// large enough that a group is worth a call.
  public static final long GROUP_BYTES = 4L << 20;

  private final Map<Integer, List<Optimizer.Parameter>> ready = new HashMap<>();
  private final List<Operation> operations = new ArrayList<>();
  private final List<Tensor> norms = new ArrayList<>();
  private final List<Optimizer.Parameter> group = new ArrayList<>();
  private final Optimizer.Attributes attributes;
  private final Tensor step;
  private final boolean clips;

  /// @param backward operations up to the end of the backward pass
  /// @param norm receives the norm of all gradients
  /// @param groupBytes gradients are taken up as soon as so many are ready
  public OptimizerPass(
      List<Operation> backward,
      List<Optimizer.Parameter> parameters,
      Optimizer.Attributes attributes,
      Tensor step,
      Tensor norm,
      long groupBytes) {
    this.attributes = attributes;
    this.step = step;
    this.clips = attributes.clipNorm() > 0;
    findReady(backward, parameters);
    long bytes = 0;
    for (int i = 0; i < backward.size(); i++) {
      operations.add(backward.get(i));
      for (Optimizer.Parameter parameter : ready.getOrDefault(i, List.of())) {
        group.add(parameter);
        bytes += parameter.gradient().bytes();
      }
      if (bytes >= groupBytes) {
        takeUp();
        bytes = 0;
      }
    }
    if (!group.isEmpty()) {
      takeUp();
    }
    operations.add(new Optimizer.GradientNorm(List.copyOf(norms), norm));
    if (clips) {
      operations.add(new Optimizer.AdamW(attributes, step, norm, List.copyOf(parameters), null));
    }
  }

  /// The backward pass and the optimizer.
  public List<Operation> operations() {
    return operations;
  }

  // A parameter may change when its gradient is complete and nobody reads it any more.
  private void findReady(List<Operation> backward, List<Optimizer.Parameter> parameters) {
    Map<Tensor, Integer> last = new HashMap<>();
    for (int i = 0; i < backward.size(); i++) {
      for (List<Tensor> side : List.of(backward.get(i).inputs(), backward.get(i).outputs())) {
        for (Tensor tensor : side) {
          last.put(tensor, i);
        }
      }
    }
    for (Optimizer.Parameter parameter : parameters) {
      Integer written = last.get(parameter.gradient());
      if (written == null) {
        throw new IllegalStateException(parameter.gradient() + " is never written");
      }
      int at = Math.max(written, last.getOrDefault(parameter.value(), written));
      ready.computeIfAbsent(at, k -> new ArrayList<>()).add(parameter);
    }
  }

  private void takeUp() {
    Tensor norm = new Tensor("norm." + norms.size(), Tensor.Role.INTERMEDIATE, Storage.F32, 1);
    norms.add(norm);
    if (clips) {
      operations.add(
          new Optimizer.GradientNorm(
              group.stream().map(Optimizer.Parameter::gradient).toList(), norm));
    } else {
      operations.add(new Optimizer.AdamW(attributes, step, null, List.copyOf(group), norm));
    }
    group.clear();
  }
}
