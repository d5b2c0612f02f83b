package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Where each parameter and running statistic lies in the flat slabs that the optimizer walks over.
///
/// Parameters with weight decay come first, those without after them, so that each group is one contiguous range.
public final class ParameterLayout {
  /// Elements between the starts of two entries are a multiple of this, so that every entry is aligned to 64 bytes.
  static final int ALIGNMENT = 16;

  /// How a value is treated.
  public enum Group {
    /// Learned, with weight decay.
    DECAYED,
    /// Learned, without.
    UNDECAYED,
    /// Running statistics.
    STATE
  }

  /// A parameter or running statistic.
  ///
  /// @param name as in the state dict of the reference
  /// @param shape as PyTorch has it
  public record Entry(String name, Group group, List<Integer> shape) {
    /// Number of elements.
    public int elements() {
      return shape.stream().mapToInt(Integer::intValue).reduce(1, Math::multiplyExact);
    }

    int[] dims() {
      return shape.stream().mapToInt(Integer::intValue).toArray();
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Integer> offsets = new LinkedHashMap<>();
  private final Map<Group, Integer> starts = new LinkedHashMap<>();
  private final int parameterElements;
  private final int stateElements;

  /// Lays out the entries; their order within a group is kept.
  public ParameterLayout(Collection<Entry> all) {
    int next = 0;
    for (Entry entry : all) {
      if (entries.put(entry.name(), entry) != null) {
        throw new IllegalArgumentException("two parameters named " + entry.name());
      }
    }
    for (Group group : List.of(Group.DECAYED, Group.UNDECAYED)) {
      starts.put(group, next);
      next = place(group, next);
    }
    parameterElements = next;
    starts.put(Group.STATE, 0);
    stateElements = place(Group.STATE, 0);
  }

  private int place(Group group, int from) {
    int next = from;
    for (Entry entry : entries.values()) {
      if (entry.group() == group) {
        offsets.put(entry.name(), next);
        next = Math.addExact(next, Math.ceilDiv(entry.elements(), ALIGNMENT) * ALIGNMENT);
      }
    }
    return next;
  }

  /// All entries, in the order given.
  public List<Entry> entries() {
    return new ArrayList<>(entries.values());
  }

  /// The entry of that name.
  ///
  /// @throws IllegalArgumentException when there is none
  public Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("no parameter is named " + name);
    }
    return entry;
  }

  /// Whether there is an entry of that name.
  public boolean contains(String name) {
    return entries.containsKey(name);
  }

  /// First element of an entry in its slab.
  public int offset(String name) {
    entry(name);
    return offsets.get(name);
  }

  /// First element of a group in its slab.
  int start(Group group) {
    return starts.get(group);
  }

  /// Elements of a group, with the gaps.
  int length(Group group) {
    return switch (group) {
      case DECAYED -> starts.get(Group.UNDECAYED);
      case UNDECAYED -> parameterElements - starts.get(Group.UNDECAYED);
      case STATE -> stateElements;
    };
  }

  /// Elements of the slab of learned parameters, with the gaps.
  public int parameterElements() {
    return parameterElements;
  }

  /// Elements of the slab of running statistics, with the gaps.
  public int stateElements() {
    return stateElements;
  }

  /// Number of learned parameters, without the gaps.
  public long parameters() {
    return entries.values().stream()
        .filter(e -> e.group() != Group.STATE)
        .mapToLong(Entry::elements)
        .sum();
  }
}
