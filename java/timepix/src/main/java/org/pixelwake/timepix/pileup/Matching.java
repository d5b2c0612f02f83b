package org.pixelwake.timepix.pileup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;

/// Takes as many of two kinds in every bin.
final class Matching {
  private Matching() {}

  /// Takes, in every bin, as many of both as there are of the rarer.
  ///
  /// @param bin of one of them
  /// @param order those with the smallest numbers are taken
  static <T> List<T> pairs(
      List<T> first, List<T> second, ToLongFunction<T> bin, ToLongFunction<T> order) {
    SortedMap<Long, List<T>> others = bins(second, bin, order);
    List<T> taken = new ArrayList<>();
    bins(first, bin, order)
        .forEach((key, ones) -> {
          List<T> twos = others.getOrDefault(key, List.of());
          int count = Math.min(ones.size(), twos.size());
          taken.addAll(ones.subList(0, count));
          taken.addAll(twos.subList(0, count));
        });
    return taken;
  }

  /// Takes, in every bin, two sets of the second kind in the place of one of each kind.
  ///
  /// @param labelled makes one of them a member of set 1 or 2
  static <T> List<T> halves(
      List<T> first,
      List<T> second,
      ToLongFunction<T> bin,
      ToLongFunction<T> order,
      BiFunction<T, Integer, T> labelled) {
    SortedMap<Long, List<T>> others = bins(second, bin, order);
    List<T> taken = new ArrayList<>();
    bins(first, bin, order)
        .forEach((key, ones) -> {
          List<T> twos = others.getOrDefault(key, List.of());
          int count = Math.min(ones.size(), twos.size() / 2);
          for (int i = 0; i < 2 * count; i++) {
            taken.add(labelled.apply(twos.get(i), i < count ? 1 : 2));
          }
        });
    return taken;
  }

  private static <T> SortedMap<Long, List<T>> bins(
      List<T> all, ToLongFunction<T> bin, ToLongFunction<T> order) {
    SortedMap<Long, List<T>> bins = new TreeMap<>();
    for (T one : all) {
      bins.computeIfAbsent(bin.applyAsLong(one), key -> new ArrayList<>()).add(one);
    }
    bins.values().forEach(list -> list.sort(Comparator.comparingLong(order)));
    return bins;
  }
}
