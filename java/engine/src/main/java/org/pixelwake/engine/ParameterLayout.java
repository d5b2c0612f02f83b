package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.pixelwake.engine.group.Group;

/// Where each parameter and running statistic lies in the flat slabs of a [ParameterStore]: learned
/// parameters in one, running statistics in another, each in the order given.
public final class ParameterLayout {
  /// Elements between the starts of two entries are a multiple of this, so that every entry is
  /// aligned to 64 bytes.
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

    /// Shape as files of tensors state it.
    public long[] longShape() {
      return shape.stream().mapToLong(Integer::longValue).toArray();
    }

    int[] dims() {
      return shape.stream().mapToInt(Integer::intValue).toArray();
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Integer> offsets = new LinkedHashMap<>();
  private final int parameterElements;
  private final int stateElements;

  /// Lays out the entries.
  public ParameterLayout(Collection<Entry> all) {
    for (Entry entry : all) {
      if (entries.put(entry.name(), entry) != null) {
        throw new IllegalArgumentException("two parameters named " + entry.name());
      }
    }
    parameterElements = place(false);
    stateElements = place(true);
  }

  private int place(boolean state) {
    int next = 0;
    for (Entry entry : entries.values()) {
      if ((entry.group() == Group.STATE) == state) {
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
    return Objects.requireNonNull(offsets.get(entry(name).name()));
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
