package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A network traced for one batch shape: a list of operation records in the order in which they
/// run.
///
/// The methods named after layers append the operations of that layer, already fused: batch norm,
/// SiLU and the squeeze-excite gate become part of the [View] that the next layer consumes.
/// [#differentiate()] appends the backward pass.
public final class Graph {
  /// A raw output of a convolution before its batch norm.
  ///
  /// @param y the output
  /// @param stats its mean and variance (2, c); null in evaluation mode
  public record Raw(Tensor y, @Nullable Tensor stats) {}

  private final ParameterLayout layout;
  private final boolean training;
  private final Storage storage;
  private final List<Operation> operations = new ArrayList<>();
  private final Map<String, Tensor> parameters = new HashMap<>();
  private final Map<Tensor, Tensor> gradients = new HashMap<>();
  private Predicate<String> trainable = name -> true;

  /// An empty graph.
  ///
  /// @param layout the parameters that it may use
  /// @param training batch norm uses (and follows) the statistics of the batch
  /// @param storage of the activations and their gradients
  public Graph(ParameterLayout layout, boolean training, Storage storage) {
    this.layout = layout;
    this.training = training;
    this.storage = storage;
  }

  /// Says which parameters are learned; all, unless this is called before [#differentiate()].
  public void trainable(Predicate<String> names) {
    trainable = names;
  }

  /// Storage of the activations.
  public Storage storage() {
    return storage;
  }

  /// Whether batch norm uses the statistics of the batch.
  public boolean training() {
    return training;
  }

  /// The operations so far.
  public List<Operation> operations() {
    return Collections.unmodifiableList(operations);
  }

  /// Appends an operation.
  public void add(Operation operation) {
    operations.add(operation);
  }

  /// A tensor that the host writes before a run.
  public Tensor input(String name, Storage type, int... shape) {
    return new Tensor(name, Tensor.Role.INPUT, type, shape);
  }

  /// A tensor that the host reads after a run.
  public Tensor result(String name, Storage type, int... shape) {
    return new Tensor(name, Tensor.Role.RESULT, type, shape);
  }

  /// A tensor that lives while it is needed.
  public Tensor intermediate(String name, Storage type, int... shape) {
    return new Tensor(name, Tensor.Role.INTERMEDIATE, type, shape);
  }

  /// A parameter or running statistic of the layout.
  public Tensor parameter(String name) {
    return parameters.computeIfAbsent(
        name,
        key -> {
          ParameterLayout.Entry entry = layout.entry(key);
          Tensor.Role role =
              entry.group() == ParameterLayout.Group.STATE
                  ? Tensor.Role.STATE
                  : Tensor.Role.PARAMETER;
          return new Tensor(key, role, Storage.F32, entry.dims());
        });
  }

  boolean trainable(Tensor tensor) {
    return tensor.role() == Tensor.Role.PARAMETER && trainable.test(tensor.name());
  }

  /// The gradient of a parameter; null when it is not learned.
  @Nullable Tensor gradient(Tensor parameter) {
    if (!trainable(parameter)) {
      return null;
    }
    return gradients.computeIfAbsent(
        parameter, p -> new Tensor(p.name(), Tensor.Role.GRADIENT, Storage.F32, p.shape()));
  }

  /// A convolution.
  ///
  /// @param prefix of the names of its weight and bias
  /// @param normalised whether a batch norm follows (its statistics are then gathered, in training)
  public Raw convolution(
      Convolution.Attributes a, View x, String prefix, int out, boolean bias, boolean normalised) {
    Tensor weight = parameter(prefix + ".weight");
    int[] expected = a.weightShape(x.c(), out);
    if (!java.util.Arrays.equals(expected, weight.shape())) {
      throw new IllegalArgumentException(
          weight + " does not fit the layer, which needs " + java.util.Arrays.toString(expected));
    }
    int h = a.outputSide(x.h());
    int w = a.outputSide(x.w());
    Tensor y = intermediate(prefix, storage, x.n(), h, w, out);
    Tensor stats =
        normalised && training ? intermediate(prefix + ".stats", Storage.F32, 2, out) : null;
    add(new Convolution.Forward(a, x, weight, bias ? parameter(prefix + ".bias") : null, y, stats));
    return new Raw(y, stats);
  }

  /// A batch norm, and SiLU where `transform` is [Transform#BN_SILU].
  public View batchNorm(BatchNorm.Attributes a, Raw raw, String prefix, Transform transform) {
    Tensor bn = intermediate(prefix, Storage.F32, 4, raw.y().dim(3));
    add(
        new BatchNorm.Forward(
            a,
            raw.y(),
            raw.stats(),
            parameter(prefix + ".weight"),
            parameter(prefix + ".bias"),
            parameter(prefix + ".running_mean"),
            parameter(prefix + ".running_var"),
            bn));
    return new View(raw.y(), transform, bn, null);
  }

  /// A squeeze-excite gate on an activation.
  public View squeezeExcite(View x, String prefix) {
    Tensor w1 = parameter(prefix + ".fc1.weight");
    Tensor pooled = intermediate(prefix + ".pooled", Storage.F32, 3, x.n(), x.c());
    Tensor hidden = intermediate(prefix + ".hidden", Storage.F32, x.n(), w1.dim(0));
    Tensor gate = intermediate(prefix + ".gate", Storage.F32, x.n(), x.c());
    add(
        new SqueezeExcite.Forward(
            x,
            w1,
            parameter(prefix + ".fc1.bias"),
            parameter(prefix + ".fc2.weight"),
            parameter(prefix + ".fc2.bias"),
            pooled,
            hidden,
            gate));
    return new View(x.data(), Transform.BN_SILU_GATE, x.bn(), gate);
  }

  /// The end of a block.
  ///
  /// @param dropProbability of dropping the branch of an image; only in training
  /// @param step the step's state, needed for dropping
  public View residual(
      View p,
      @Nullable View skip,
      String name,
      int layer,
      float dropProbability,
      @Nullable Tensor step) {
    Tensor keep = null;
    if (training && skip != null && dropProbability > 0) {
      if (step == null) {
        throw new IllegalArgumentException("drop path needs the step's state");
      }
      keep = intermediate(name + ".keep", Storage.F32, p.n());
      add(new Residual.DropPath(layer, dropProbability, step, keep));
    }
    Tensor y = intermediate(name, storage, p.n(), p.h(), p.w(), p.c());
    add(new Residual.Forward(p, keep, skip, y));
    return View.of(y);
  }

  /// Global average pooling of an activation.
  public Tensor pool(View x, Tensor embedding) {
    add(new PoolLinear.PoolForward(x, embedding));
    return embedding;
  }

  /// A linear layer.
  public Tensor linear(Tensor x, String prefix, Tensor y) {
    add(
        new PoolLinear.LinearForward(
            x, parameter(prefix + ".weight"), parameter(prefix + ".bias"), y));
    return y;
  }

  /// Writes out what a view shows.
  public Tensor materialise(View x, Tensor y) {
    add(new BatchNorm.Apply(x, y));
    return y;
  }

  /// Appends the backward pass.
  public void differentiate() {
    Gradients.build(this);
  }

  /// Appends the optimizer: the gradients' norm and a step on the parameters with weight decay,
  /// then on those without.
  ///
  /// @param norm receives the norm of all gradients
  /// @param average also keep the moving average of parameters and running statistics
  public void adamW(Optimizer.Attributes a, Tensor step, Tensor norm, boolean average) {
    Tensor gradientSlab = slab(ParameterStore.Slab.GRADIENTS, layout.parameterElements());
    add(new Optimizer.GradientNorm(gradientSlab, norm));
    for (ParameterLayout.Group group :
        List.of(ParameterLayout.Group.DECAYED, ParameterLayout.Group.UNDECAYED)) {
      if (layout.length(group) == 0) {
        continue;
      }
      float decay = group == ParameterLayout.Group.DECAYED ? a.weightDecay() : 0;
      add(
          new Optimizer.AdamW(
              new Optimizer.Attributes(a.beta1(), a.beta2(), a.eps(), decay, a.clipNorm()),
              step,
              norm,
              range(ParameterStore.Slab.PARAMETERS, group),
              range(ParameterStore.Slab.GRADIENTS, group),
              range(ParameterStore.Slab.FIRST_MOMENT, group),
              range(ParameterStore.Slab.SECOND_MOMENT, group),
              average ? range(ParameterStore.Slab.AVERAGE, group) : null));
    }
    if (average && layout.stateElements() > 0) {
      add(
          new Optimizer.Average(
              step,
              slab(ParameterStore.Slab.STATE, layout.stateElements()),
              slab(ParameterStore.Slab.STATE_AVERAGE, layout.stateElements())));
    }
  }

  private static Tensor slab(ParameterStore.Slab slab, int elements) {
    return new Tensor(slab.name(), Tensor.Role.SLAB, Storage.F32, elements);
  }

  private Tensor range(ParameterStore.Slab slab, ParameterLayout.Group group) {
    return new Tensor(
        slab.name() + "@" + layout.start(group),
        Tensor.Role.SLAB,
        Storage.F32,
        layout.length(group));
  }
}
