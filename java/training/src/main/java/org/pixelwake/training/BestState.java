package org.pixelwake.training;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.NamedTensor;
import org.pixelwake.network.checkpoint.TensorMap;

/// The best state of a run so far, by a figure of which larger is better, and how long ago it was:
/// early stopping (Prechelt 1998). Written to checkpoints and read back, so that a resumed run
/// stops where the uninterrupted one does.
final class BestState {
  private static final String FILE = "best.safetensors";
  private static final String STEP = "best-step";
  private static final String SCORE = "best-score";
  private static final String SINCE = "evaluations-since-best";
  private static final String EVALUATED = "evaluated-step";

  private final int patience;
  private final Slab slab;
  private List<NamedTensor> tensors = List.of();
  private long step = -1;
  private double score = Double.NEGATIVE_INFINITY;
  private int since;
  private long evaluated = -1;

  /// @param patience evaluations without a better one after which a run stops; 0: never, and
  ///   nothing is kept
  /// @param slab what is evaluated and saved
  BestState(int patience, Slab slab) {
    this.patience = patience;
    this.slab = slab;
  }

  /// Takes an evaluation into account; one of a step that was seen before counts once, that of the
  /// start not at all: a head that has learned nothing can look better than the first steps.
  void evaluated(long at, double figure, ParameterStore store) {
    if (patience == 0 || at <= Math.max(0, evaluated)) {
      return;
    }
    evaluated = at;
    if (figure > score) {
      score = figure;
      step = at;
      since = 0;
      tensors = copy(store);
    } else {
      since++;
    }
  }

  private List<NamedTensor> copy(ParameterStore store) {
    return StateDict.tensors(store, slab).stream()
        .map(s -> new NamedTensor(s.name(), s.dtype(), s.shape(), s.data()))
        .toList();
  }

  boolean exhausted() {
    return patience > 0 && since >= patience;
  }

  boolean known() {
    return !tensors.isEmpty();
  }

  long step() {
    return step;
  }

  List<NamedTensor> tensors() {
    return tensors;
  }

  void restore(ParameterStore store) {
    TensorMap map = new TensorMap("best state", tensors, Map.of());
    for (ParameterLayout.Entry entry : store.layout().entries()) {
      store.set(slab, entry.name(), map.floats(entry.name(), entry.longShape()));
    }
  }

  void writeTo(Map<String, String> metadata) {
    if (patience > 0) {
      metadata.put(STEP, Long.toString(step));
      metadata.put(SCORE, Double.toString(score));
      metadata.put(SINCE, Integer.toString(since));
      metadata.put(EVALUATED, Long.toString(evaluated));
    }
  }

  Map<String, List<NamedTensor>> files() {
    return known() ? Map.of(FILE, tensors) : Map.of();
  }

  void read(Checkpoint checkpoint) {
    if (patience == 0) {
      return;
    }
    TensorMap model = checkpoint.model();
    try {
      step = Long.parseLong(Checkpoint.required(model, STEP));
      score = Double.parseDouble(Checkpoint.required(model, SCORE));
      since = Integer.parseInt(Checkpoint.required(model, SINCE));
      evaluated = Long.parseLong(Checkpoint.required(model, EVALUATED));
    } catch (NumberFormatException e) {
      throw new InputException(
          model.source(), "__metadata__", "is no state of early stopping", "Start anew", e);
    }
    @Nullable TensorMap best = checkpoint.more(FILE);
    if ((best == null) != (step < 0)) {
      throw new InputException(
          model.source(), FILE, "is missing beside it", "Use an intact checkpoint");
    }
    tensors = best == null ? List.of() : List.copyOf(best.tensors());
  }
}
