package org.pixelwake.training;

import java.util.ArrayList;
import java.util.List;

/// Order of training clusters in which the classes take turns, each with its own endless epochs.
final class BalancedShuffle {
  private final List<Shuffle> classes = new ArrayList<>();

  BalancedShuffle(long seed, Labels labels, int[] rows) {
    for (int label = 0; label < labels.classNames().size(); label++) {
      List<Integer> own = new ArrayList<>();
      for (int row : rows) {
        if (labels.of(row) == label) {
          own.add(row);
        }
      }
      classes.add(new Shuffle(seed, own.stream().mapToInt(Integer::intValue).toArray()));
    }
  }

  /// The row at a position of the endless sequence.
  int at(long position) {
    int count = classes.size();
    return classes.get((int) (position % count)).at(position / count);
  }
}
