package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What the tests run on: every backend that is there, the CPU with each of its instruction sets,
/// the CUDA kernels also emulated.
///
/// `-Dpixelwake.devices=cuda` keeps to the backends that it names, separated by commas. One that is
/// named and cannot be used fails the tests, where one that is merely absent skips them.
final class Devices {
  private static final List<String> BACKENDS = List.of("cpu", "emulated", "cuda");

  private Devices() {}

  /// A device to open with a number of threads.
  ///
  /// @param absent why it cannot be opened, or null
  record Choice(String backend, Device.Isa isa, String absent) {
    Device open(int threads) {
      return Device.open(Backend.load(backend), 0, threads, isa);
    }

    /// Whether the operands of bf16 products are rounded first, as `kernels.h` allows.
    boolean rounds() {
      return isa == Device.Isa.AVX512_BF16 || !backend.equals("cpu");
    }

    @Override
    public String toString() {
      return backend.equals("cpu") ? "cpu " + isa : backend;
    }
  }

  static List<Choice> all() {
    String asked = System.getProperty("pixelwake.devices", "");
    if (asked.isBlank()) {
      return probe(BACKENDS);
    }
    return asked(asked, probe(BACKENDS.stream().filter(names(asked)::contains).toList()));
  }

  /// The choices of the backends that were asked for.
  ///
  /// @throws AssertionError naming the reason where one of them cannot be used
  static List<Choice> asked(String asked, List<Choice> choices) {
    for (String name : names(asked)) {
      List<Choice> own = choices.stream().filter(one -> one.backend().equals(name)).toList();
      if (own.stream().allMatch(one -> one.absent() != null)) {
        String reasons =
            own.isEmpty()
                ? "there are only " + String.join(", ", BACKENDS)
                : own.stream().map(Choice::absent).distinct().collect(Collectors.joining("; "));
        throw new AssertionError(
            "-Dpixelwake.devices=" + asked + ": " + name + " cannot be used: " + reasons);
      }
    }
    return choices;
  }

  private static Set<String> names(String asked) {
    return new TreeSet<>(List.of(asked.strip().split("\\s*,\\s*")));
  }

  private static List<Choice> probe(List<String> backends) {
    List<Choice> choices = new ArrayList<>();
    for (String backend : backends) {
      for (Device.Isa isa : Device.Isa.values()) {
        // The CPU with each of its instruction sets by name, the others with the only one they
        // have.
        if ((isa == Device.Isa.BEST) != backend.equals("cpu")) {
          choices.add(probe(backend, isa));
        }
      }
    }
    return choices;
  }

  private static Choice probe(String name, Device.Isa isa) {
    Backend.Availability found = Backend.probe(name);
    if (!found.usable()) {
      return new Choice(name, isa, found.detail());
    }
    // Only what a backend says it does not support is absent; any other failure is one of the test.
    try (Device device = Device.open(Backend.load(name), 0, 1, isa)) {
      return new Choice(name, isa, device.threads() > 0 ? null : "no threads");
    } catch (NativeException e) {
      if (e.status() != 2) {
        throw e;
      }
      return new Choice(name, isa, e.getMessage());
    }
  }
}
