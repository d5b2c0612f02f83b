package org.pixelwake.engine;

import java.util.ArrayList;
import java.util.List;

/// What the tests run on: every backend that is there, the CPU with each of its instruction sets,
/// the CUDA kernels also emulated.
final class Devices {
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
    List<Choice> all = new ArrayList<>();
    for (Device.Isa isa : Device.Isa.values()) {
      if (isa == Device.Isa.BEST) {
        continue;
      }
      all.add(probe("cpu", isa));
    }
    all.add(probe("emulated", Device.Isa.BEST));
    all.add(probe("cuda", Device.Isa.BEST));
    return all;
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
