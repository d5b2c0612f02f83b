package org.pixelwake.engine.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.Transform;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Operation;

/// The state of one reverse walk over a graph: for each tensor, what is known of its gradient so
/// far.
///
/// A raw tensor behind a batch norm never has its gradient written out: kept is the gradient of
/// what its consumer saw, and the vectors by which the producer's backward pass forms the gradient
/// of the raw tensor as it loads ([OfRaw]).
public final class Gradients {
  /// What [OfRaw#dy] is the gradient of.
  public enum Kind {
    /// Of the tensor itself.
    PLAIN(0),
    /// Of the batch norm's output, times the drop-path factor.
    BN(1),
    /// Of SiLU(batch norm) * gate, beside the pooled branch.
    BN_SILU_GATE(2);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /// `PW_GRAD_PLAIN` ... of `kernels.h`.
    public int code() {
      return code;
    }
  }

  /// A complete gradient of a raw tensor (`pw_gradient`).
  public record OfRaw(
      Kind kind,
      Tensor dy,
      @Nullable Tensor coef,
      @Nullable Tensor keep,
      @Nullable Tensor bn,
      @Nullable Tensor gate,
      @Nullable Tensor dpool,
      @Nullable Tensor sites) {
    /// The gradient of a tensor that nothing transforms.
    public static OfRaw plain(Tensor dy) {
      return new OfRaw(Kind.PLAIN, dy, null, null, null, null, null, null);
    }

    /// The fields of `pw_gradient`, of the gradient of `y`.
    public @Nullable Tensor[] fields(Tensor y) {
      return new Tensor[] {dy, kind == Kind.PLAIN ? null : y, coef, keep, bn, gate, dpool, sites};
    }
  }

  /// What has been gathered of a raw tensor's gradient.
  public static final class Partial {
    public Kind kind = Kind.PLAIN;
    public @Nullable Tensor dy;
    public @Nullable Tensor coef;
    public @Nullable Tensor keep;
    public @Nullable Tensor bn;
    public @Nullable Tensor gate;
    public @Nullable Tensor dpool;
    public @Nullable Tensor sites;
    public @Nullable Tensor sums;
    public @Nullable Tensor gateSums;

    private Partial() {}
  }

  private final Graph graph;
  private final Set<Tensor> wanted = new HashSet<>();
  private final Map<Tensor, Partial> partials = new HashMap<>();
  private final Map<Tensor, Tensor> pending = new HashMap<>();
  private final Map<Tensor, Integer> readers = new HashMap<>();

  private Gradients(Graph graph) {
    this.graph = graph;
  }

  /// Appends to `graph` the operations that compute the gradients of all its trainable parameters,
  /// in reverse order of the operations there. The loss operations have written the gradients they
  /// start from.
  public static void build(Graph graph) {
    Gradients gradients = new Gradients(graph);
    List<Operation> forward = new ArrayList<>(graph.operations());
    for (Operation operation : forward) {
      boolean any = false;
      for (Tensor input : operation.inputs()) {
        any |= gradients.wanted.contains(input) || graph.trainable(input);
        gradients.readers.merge(input, 1, Integer::sum);
      }
      if (any) {
        gradients.wanted.addAll(operation.outputs());
      }
    }
    for (Operation operation : forward.reversed()) {
      operation.backward(gradients);
    }
  }

  public void add(Operation operation) {
    graph.add(operation);
  }

  /// Whether some trainable parameter lies behind the tensor.
  public boolean wanted(Tensor tensor) {
    return wanted.contains(tensor);
  }

  /// The gradient tensor of a parameter, null when it is frozen.
  public @Nullable Tensor parameter(Tensor parameter) {
    return graph.gradient(parameter);
  }

  /// A gradient tensor shaped and stored as `tensor`.
  public Tensor like(Tensor tensor, String prefix) {
    return graph.intermediate(prefix + "(" + tensor.name() + ")", tensor.storage(), tensor.shape());
  }

  /// The gradient tensor of a parameter; scratch when it is frozen, for kernels that write all of
  /// their gradients.
  public Tensor orScratch(Tensor parameter) {
    Tensor gradient = parameter(parameter);
    return gradient != null ? gradient : like(parameter, "unused d");
  }

  /// An f32 tensor that belongs to `tensor`.
  public Tensor vector(String what, Tensor tensor, int... shape) {
    return graph.intermediate(what + "(" + tensor.name() + ")", Storage.F32, shape);
  }

  /// The gradient of a raw tensor, complete; null when the tensor does not matter to the loss.
  public @Nullable OfRaw of(Tensor raw) {
    Partial partial = partials.get(raw);
    if (partial == null) {
      Tensor plain = pending.get(raw);
      return plain == null ? null : OfRaw.plain(plain);
    }
    if (partial.dy == null || (partial.kind != Kind.PLAIN && partial.coef == null)) {
      throw new IllegalStateException("the gradient of " + raw + " is not complete");
    }
    return new OfRaw(
        partial.kind,
        partial.dy,
        partial.coef,
        partial.keep,
        partial.bn,
        partial.gate,
        partial.dpool,
        partial.sites);
  }

  /// The gradient of a plain tensor or, of a transformed one, a contribution to it, which the next
  /// backward pass into it adds; null where there is none.
  public @Nullable Tensor pending(Tensor tensor) {
    return pending.get(tensor);
  }

  /// Notes such a contribution.
  public void contribute(Tensor tensor, Tensor gradient) {
    if (!wanted(tensor)) {
      return;
    }
    if (pending.put(tensor, gradient) != null) {
      throw new IllegalStateException(
          tensor + " has two consumers that cannot add to a gradient; an addition is missing");
    }
  }

  /// Returns whether a tensor behind a batch norm is read by another operation whose backward pass
  /// is still to come, and can add to its gradient.
  public boolean shared(Tensor raw) {
    Partial partial = partials.get(raw);
    return readers.getOrDefault(raw, 0) > 1 && (partial == null || partial.dy == null);
  }

  public Partial partial(Tensor raw) {
    return partials.computeIfAbsent(raw, t -> new Partial());
  }

  /// What is gathered of a raw tensor, or null.
  public @Nullable Partial known(Tensor raw) {
    return partials.get(raw);
  }

  /// Notes what a consumer's backward pass wrote for its input.
  public void set(View x, Tensor dx, @Nullable Tensor sums) {
    Tensor raw = x.data();
    if (x.transform() == Transform.NONE) {
      pending.put(raw, dx);
      return;
    }
    pending.remove(raw);
    Partial partial = partial(raw);
    if (partial.dy != null) {
      throw new IllegalStateException(raw + " has two consumers behind one batch norm");
    }
    partial.dy = dx;
    if (x.transform() == Transform.BN_SILU_GATE) {
      partial.kind = Kind.BN_SILU_GATE;
      partial.bn = x.bn();
      partial.gate = x.gate();
      partial.gateSums = sums;
    } else {
      partial.kind = Kind.BN;
      partial.sums = sums;
    }
  }
}
