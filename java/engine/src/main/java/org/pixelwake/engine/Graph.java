package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.op.BatchNorm;
import org.pixelwake.engine.op.Collective;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.Optimizer;
import org.pixelwake.engine.op.PoolLinear;
import org.pixelwake.engine.op.Residual;
import org.pixelwake.engine.op.SqueezeExcite;
import org.pixelwake.engine.plan.Gradients;
import org.pixelwake.engine.plan.OptimizerPass;
import org.pixelwake.engine.plan.Recomputation;

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
  private boolean training;
  private boolean statisticsFixed;
  private final Storage storage;
  private final Group group;
  private final List<Operation> operations = new ArrayList<>();
  private final Map<String, Tensor> parameters = new HashMap<>();
  private final Map<Tensor, Tensor> gradients = new LinkedHashMap<>();
  private final List<Tensor> summed = new ArrayList<>();
  private Predicate<String> trainable = name -> true;
  private ToDoubleFunction<String> rates = name -> 1;
  private boolean gradientsKept;
  private int firstImage;

  /// An empty graph.
  ///
  /// @param layout the parameters that it may use
  /// @param training batch norm uses (and follows) the statistics of the batch
  /// @param storage of the activations and their gradients
  public Graph(ParameterLayout layout, boolean training, Storage storage) {
    this(layout, training, storage, Group.single());
  }

  /// An empty graph of a network that several processes train together, each with a graph of the
  /// same layers for its part of the batch, all parts of one size. In training, batch norms take
  /// the statistics of the whole batch and gradients are summed over the processes: so each one's
  /// loss has to be its part of the whole batch's.
  ///
  /// @param layout the parameters that it may use
  /// @param training batch norm uses (and follows) the statistics of the batch
  /// @param storage of the activations and their gradients
  /// @param group the processes
  public Graph(ParameterLayout layout, boolean training, Storage storage, Group group) {
    this.layout = layout;
    this.training = training;
    this.storage = storage;
    this.group = group;
  }

  /// The processes that share the batch.
  public Group group() {
    return group;
  }

  /// Has a result summed over the processes, together with the gradients. To be called before
  /// [#differentiate()].
  public void sum(Tensor result) {
    summed.add(result);
  }

  /// Says which parameters are learned; all, unless this is called before [#differentiate()].
  public void trainable(Predicate<String> names) {
    trainable = names;
  }

  /// Gives parameters learning rates of their own: factors of the step's, not negative, by name. To
  /// be called before [#adamW]; 1 for all otherwise.
  public void rates(ToDoubleFunction<String> factors) {
    rates = factors;
  }

  /// Says that the images of this graph are a part of the batch that several processes share. To be
  /// called before layers are traced; 0 otherwise.
  ///
  /// @param number of this graph's first image in that batch, which keys the random numbers of drop
  ///   path and dropout, so that all processes together draw what one would
  public void firstImage(int number) {
    firstImage = number;
  }

  /// Traces layers in evaluation mode, whatever the mode of the graph: batch norm uses the running
  /// statistics and leaves them alone, and nothing is dropped. For layers that are not learned.
  ///
  /// @param layers appends them
  public <T> T evaluating(Supplier<T> layers) {
    boolean before = training;
    training = false;
    try {
      return layers.get();
    } finally {
      training = before;
    }
  }

  /// Fixes the statistics of the batch norms that are traced from now on: they take the running
  /// ones and leave them alone. All else stays as in training, and their scales and shifts are
  /// learned.
  public void fixStatistics() {
    statisticsFixed = true;
  }

  /// Storage of the activations.
  public Storage storage() {
    return storage;
  }

  /// Whether batch norm uses the statistics of the batch, in what is traced now.
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

  public boolean trainable(Tensor tensor) {
    return tensor.role() == Tensor.Role.PARAMETER && trainable.test(tensor.name());
  }

  /// Makes the gradients of the parameters results of the program, which the host can read after a
  /// run. Else their memory is reused as soon as the optimizer has seen them. To be called before
  /// [#differentiate()].
  public void keepGradients() {
    gradientsKept = true;
  }

  /// The gradient of a parameter; null when it is not learned.
  public @Nullable Tensor gradient(Tensor parameter) {
    if (!trainable(parameter)) {
      return null;
    }
    Tensor.Role role = gradientsKept ? Tensor.Role.RESULT : Tensor.Role.INTERMEDIATE;
    return gradients.computeIfAbsent(
        parameter, p -> new Tensor("d(" + p.name() + ")", role, Storage.F32, p.shape()));
  }

  /// A convolution.
  ///
  /// @param prefix of the names of its weight and bias
  /// @param normalised whether a batch norm follows (its statistics are then gathered, in training,
  ///   unless they are fixed)
  public Raw convolution(
      Convolution.Attributes a, View x, String prefix, int out, boolean bias, boolean normalised) {
    Tensor weight = parameter(prefix + ".weight");
    int[] expected = a.weightShape(x.c(), out);
    if (!Arrays.equals(expected, weight.shape())) {
      throw new IllegalArgumentException(
          weight + " does not fit the layer, which needs " + Arrays.toString(expected));
    }
    int h = a.outputSide(x.h());
    int w = a.outputSide(x.w());
    Tensor y = intermediate(prefix, storage, x.n(), h, w, out);
    boolean gathered = normalised && training && !statisticsFixed;
    Tensor stats = gathered ? intermediate(prefix + ".stats", Storage.F32, 2, out) : null;
    add(new Convolution.Forward(a, x, weight, bias ? parameter(prefix + ".bias") : null, y, stats));
    return new Raw(y, stats);
  }

  /// A batch norm, and SiLU where `transform` is [Transform#BN_SILU].
  public View batchNorm(BatchNorm.Attributes a, Raw raw, String prefix, Transform transform) {
    Tensor bn = intermediate(prefix, Storage.F32, 4, raw.y().dim(3));
    Tensor stats = raw.stats();
    if (stats != null && group.size() > 1) {
      add(new Collective.Statistics(stats));
    }
    add(
        new BatchNorm.Forward(
            a,
            raw.y(),
            stats,
            parameter(prefix + ".weight"),
            parameter(prefix + ".bias"),
            parameter(prefix + ".running_mean"),
            parameter(prefix + ".running_var"),
            bn,
            group.size()));
    return new View(raw.y(), transform, bn, null);
  }

  /// The active sites of images at several resolutions ([PoolLinear.Sites]), for layers that
  /// average over them.
  ///
  /// @param first how many times the sides are halved for the first of them, rounding up
  /// @param levels resolutions in all, each with sides half those of the one before
  public List<Tensor> sites(Tensor image, int first, int levels) {
    List<PoolLinear.SiteLevel> all = new ArrayList<>();
    for (int halvings = first; halvings < first + levels; halvings++) {
      int h = Math.ceilDiv(image.dim(1), 1 << halvings);
      int w = Math.ceilDiv(image.dim(2), 1 << halvings);
      int[] shape = PoolLinear.siteShape(image.dim(0), h, w);
      Tensor sites = intermediate("sites." + h + "x" + w, Storage.F32, shape);
      all.add(new PoolLinear.SiteLevel(halvings, sites));
    }
    add(new PoolLinear.Sites(image, all));
    return all.stream().map(PoolLinear.SiteLevel::sites).toList();
  }

  /// A squeeze-excite gate on an activation, from its average over the view's sites.
  public View squeezeExcite(View x, String prefix) {
    Tensor w1 = parameter(prefix + ".fc1.weight");
    Tensor pooled = intermediate(prefix + ".pooled", Storage.F32, 3, x.n(), x.c());
    Tensor hidden = intermediate(prefix + ".hidden", Storage.F32, x.n(), w1.dim(0));
    Tensor gate = intermediate(prefix + ".gate", Storage.F32, x.n(), x.c());
    add(
        new SqueezeExcite.Forward(
            x,
            x.sites(),
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
      keep = intermediate(name + ".keep", Storage.F32, p.n());
      add(new Residual.DropPath(layer, dropProbability, firstImage, needed(step), keep));
    }
    Tensor y = intermediate(name, storage, p.n(), p.h(), p.w(), p.c());
    add(new Residual.Forward(p, keep, skip, y));
    return View.of(y);
  }

  /// Global average pooling of an activation, over the view's sites.
  public Tensor pool(View x, Tensor embedding) {
    add(new PoolLinear.PoolForward(x, x.sites(), embedding));
    return embedding;
  }

  /// Dropout; in evaluation mode or with probability 0 it is `x` itself.
  ///
  /// @param x (n, c)
  /// @param layer number of the layer among the dropouts of the network
  /// @param probability of dropping an element
  /// @param step the step's state, needed for dropping
  public Tensor dropout(
      Tensor x, String name, int layer, float probability, @Nullable Tensor step) {
    if (!training || probability == 0) {
      return x;
    }
    Tensor y = intermediate(name, Storage.F32, x.shape());
    PoolLinear.Drop drop = new PoolLinear.Drop(layer, probability, firstImage);
    add(new PoolLinear.DropoutForward(drop, needed(step), x, y));
    return y;
  }

  private static Tensor needed(@Nullable Tensor step) {
    if (step == null) {
      throw new IllegalArgumentException("drop path and dropout need the step's state");
    }
    return step;
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
    differentiate(0);
  }

  /// Appends the backward pass.
  ///
  /// @param recomputed share of the step's arithmetic that may be spent on computing outputs of
  ///   convolutions again instead of keeping them in memory, at least 0; results are the same to
  ///   the last bit
  public void differentiate(double recomputed) {
    int forward = operations.size();
    Gradients.build(this);
    if (recomputed > 0) {
      List<Operation> all = new Recomputation(operations, forward).within(recomputed);
      operations.clear();
      operations.addAll(all);
    }
    if (group.size() > 1) {
      sumOverGroup();
    }
  }

  // One exchange for all of them. Gradients of gamma and beta come from sums over all processes.
  private void sumOverGroup() {
    Set<Tensor> whole = new HashSet<>();
    for (Operation operation : operations) {
      if (operation instanceof BatchNorm.Backward norm && norm.training()) {
        whole.addAll(Operation.present(norm.dgamma(), norm.dbeta()));
      }
    }
    List<Tensor> parts = new ArrayList<>(summed);
    gradients.values().stream().filter(gradient -> !whole.contains(gradient)).forEach(parts::add);
    if (!parts.isEmpty()) {
      add(new Collective.Sum(parts, Operation.Direction.BACKWARD));
    }
  }

  /// Adds the optimizer to a graph that [#differentiate()] has been called on. Without clipping it
  /// takes up each gradient during the backward pass, soon after it is written; with clipping, only
  /// their norms, and all gradients live to the end. Parameters without a gradient stay as they
  /// are.
  ///
  /// @param norm receives the norm of all gradients
  /// @param average also keep the moving average of parameters and running statistics
  public void adamW(Optimizer.Attributes a, Tensor step, Tensor norm, boolean average) {
    adamW(a, step, norm, average, OptimizerPass.GROUP_BYTES);
  }

  void adamW(Optimizer.Attributes a, Tensor step, Tensor norm, boolean average, long groupBytes) {
    List<Optimizer.Parameter> learned = new ArrayList<>();
    gradients.forEach(
        (parameter, gradient) -> learned.add(learned(a, parameter, gradient, average)));
    List<Operation> before = List.copyOf(operations);
    operations.clear();
    operations.addAll(new OptimizerPass(before, learned, a, step, norm, groupBytes).operations());
    // The average of what stays the same would drift by roundings.
    if (average && !statisticsFixed && layout.stateElements() > 0) {
      add(
          new Optimizer.Average(
              step,
              slab(ParameterStore.Slab.STATE, 0, layout.stateElements()),
              slab(ParameterStore.Slab.STATE_AVERAGE, 0, layout.stateElements())));
    }
  }

  private Optimizer.Parameter learned(
      Optimizer.Attributes a, Tensor parameter, Tensor gradient, boolean average) {
    boolean decayed = layout.entry(parameter.name()).group() == ParameterLayout.Group.DECAYED;
    return new Optimizer.Parameter(
        parameter,
        gradient,
        beside(parameter, ParameterStore.Slab.FIRST_MOMENT),
        beside(parameter, ParameterStore.Slab.SECOND_MOMENT),
        average ? beside(parameter, ParameterStore.Slab.AVERAGE) : null,
        decayed ? a.weightDecay() : 0,
        (float) rates.applyAsDouble(parameter.name()));
  }

  private Tensor beside(Tensor parameter, ParameterStore.Slab slab) {
    return slab(slab, layout.offset(parameter.name()), parameter.shape());
  }

  private static Tensor slab(ParameterStore.Slab slab, int first, int... shape) {
    return new Tensor(slab.name() + "@" + first, Tensor.Role.SLAB, Storage.F32, shape);
  }
}
