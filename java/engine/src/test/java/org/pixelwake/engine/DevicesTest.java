package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Who asks for a device by name must not take skipped tests for passed ones.
final class DevicesTest {
  private static final Devices.Choice CUDA =
      new Devices.Choice("cuda", Device.Isa.BEST, "no NVIDIA driver is installed");
  private static final Devices.Choice PORTABLE =
      new Devices.Choice("cpu", Device.Isa.PORTABLE, null);
  private static final Devices.Choice AVX2 =
      new Devices.Choice("cpu", Device.Isa.AVX2, "this processor has no AVX2");

  @Test
  void whatCannotBeUsedFailsWithItsReason() {
    AssertionError failure =
        assertThrows(
            AssertionError.class, () -> Devices.asked("cpu, cuda", List.of(PORTABLE, AVX2, CUDA)));
    assertTrue(failure.getMessage().contains("cuda cannot be used"), failure.getMessage());
    assertTrue(
        failure.getMessage().contains("no NVIDIA driver is installed"), failure.getMessage());
  }

  @Test
  void anUnknownNameFails() {
    AssertionError failure =
        assertThrows(AssertionError.class, () -> Devices.asked("gpu", List.of()));
    assertTrue(failure.getMessage().contains("cpu, emulated, cuda"), failure.getMessage());
  }

  @Test
  void oneInstructionSetIsEnough() {
    assertEquals(List.of(PORTABLE, AVX2), Devices.asked("cpu", List.of(PORTABLE, AVX2)));
  }
}
