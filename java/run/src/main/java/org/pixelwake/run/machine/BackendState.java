package org.pixelwake.run.machine;

import java.util.List;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;

/// A backend after an attempt to open a device of it.
///
/// @param threads in use; 0 where it cannot be opened
/// @param isa instruction set in use, empty where it cannot be opened or has none
/// @param device its name, empty where it cannot be opened
/// @param detail library and build, else why it is not usable
public record BackendState(
    String name, boolean usable, int threads, String isa, String device, String detail) {
  /// Returns the state of every backend that there is.
  public static List<BackendState> probeAll() {
    return Backend.names().stream().map(BackendState::probe).toList();
  }

  private static BackendState probe(String name) {
    try {
      Backend.Availability found = Backend.probe(name);
      Backend backend = found.backend();
      if (backend == null || found.devices() == 0) {
        return unusable(name, found.detail());
      }
      try (Device device = Device.open(backend, 0, 0, Device.Isa.BEST)) {
        String isa = name.equals("cpu") ? device.isa().name() : "";
        return new BackendState(
            name, true, device.threads(), isa, device.toString(), found.detail());
      }
    } catch (RuntimeException | LinkageError e) {
      // The reason why it does not work is what the user asked for.
      return unusable(name, String.valueOf(e.getMessage()));
    }
  }

  private static BackendState unusable(String name, String why) {
    return new BackendState(name, false, 0, "", "", why);
  }
}
