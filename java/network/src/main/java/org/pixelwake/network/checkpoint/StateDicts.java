package org.pixelwake.network.checkpoint;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pixelwake.network.checkpoint.TorchObjects.Dict;
import org.pixelwake.network.checkpoint.TorchObjects.Tensor;

/// Finds the state dictionary in what a training script saved around it.
final class StateDicts {
  /// Keys under which scripts commonly file the weights, the first that fits wins.
  private static final String[] USUAL_KEYS = {
    "state_dict", "model_state_dict", "model_state",
    "model", "net", "network",
    "module", "weights", "params"
  };

  private final Set<Object> visited = Collections.newSetFromMap(new IdentityHashMap<>());

  private StateDicts() {}

  /// `root` itself where it holds tensors, else the dictionary under one of the usual keys, else
  /// the only dictionary in it that holds tensors; null where there is none.
  static @Nullable Dict find(@Nullable Object root) {
    return new StateDicts().search(root, 0);
  }

  private @Nullable Dict search(@Nullable Object node, int depth) {
    // Each dictionary once: they may share each other and hold themselves.
    if (!(node instanceof Dict dict) || depth > USUAL_KEYS.length || !visited.add(dict)) {
      return null;
    }
    if (holdsTensors(dict)) {
      return dict;
    }
    for (String key : USUAL_KEYS) {
      Dict found = search(dict.get(key), depth + 1);
      if (found != null) {
        return found;
      }
    }
    List<Object> others = dict.values().stream().filter(StateDicts::holdsTensors).toList();
    return others.size() == 1 && others.getFirst() instanceof Dict only ? only : null;
  }

  private static boolean holdsTensors(@Nullable Object node) {
    return node instanceof Dict dict && dict.values().stream().anyMatch(Tensor.class::isInstance);
  }
}
