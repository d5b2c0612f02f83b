package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/// Native memory stays flat over many steps and over many openings.
@Isolated("It measures the memory of the process.")
final class LeakTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final SmallNets.Spec SPEC = SmallNets.blocks("leak", true);

  /// What may come and go in the Java virtual machine meanwhile.
  private static final long SLACK = 48L << 20;

  private static long residentBytes() throws IOException {
    System.gc();
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no VmRSS in " + STATUS);
  }

  @Test
  void stepsAllocateNothing() throws IOException {
    Assumptions.assumeTrue(Files.isReadable(STATUS), STATUS + " tells the resident memory");
    // One thread: waking others for so small a network would take most of the time.
    try (Device device = Device.cpu(1);
        GraphTest.Run run = new GraphTest.Run(device, SPEC, Storage.F32, name -> true)) {
      for (int i = 0; i < 200; i++) {
        run.program.run();
      }
      long allocated = device.allocatedBytes();
      assertTrue(allocated > 0);
      long before = residentBytes();
      for (int i = 0; i < 1500; i++) {
        run.program.run();
      }
      assertEquals(allocated, device.allocatedBytes());
      // A leak of 32 KiB a step would show.
      long growth = residentBytes() - before;
      assertTrue(growth < SLACK, growth + " bytes more after 1500 steps");
    }
  }

  @Test
  void openingAndClosingReturnsTheMemory() throws IOException {
    Assumptions.assumeTrue(Files.isReadable(STATUS), STATUS + " tells the resident memory");
    openAndClose(10);
    long before = residentBytes();
    openAndClose(60);
    // 60 times more than 4 MiB, all touched: a leak of a fifth of it would show.
    long growth = residentBytes() - before;
    assertTrue(growth < SLACK, growth + " bytes more after 60 openings");
  }

  private static void openAndClose(int times) {
    for (int i = 0; i < times; i++) {
      try (Device device = Device.cpu(2)) {
        try (GraphTest.Run run = new GraphTest.Run(device, SPEC, Storage.F32, name -> true);
            Memory memory = device.allocate(4 << 20)) {
          run.step();
          assertTrue(device.allocatedBytes() > memory.bytes());
        }
        assertEquals(0, device.allocatedBytes());
      }
    }
  }

  @Test
  void closingADeviceThatStillHoldsMemoryIsAnError() {
    Device device = Device.cpu(1);
    Memory memory = device.allocate(1000);
    assertEquals(1000, device.allocatedBytes());
    assertEquals(1000, memory.bytes());
    assertThrows(IllegalStateException.class, device::close);
  }

  @Test
  void memoryIsNotUsedAfterClose() {
    try (Device device = Device.cpu(1)) {
      Memory memory = device.allocate(64);
      memory.close();
      memory.close();
      assertEquals(0, device.allocatedBytes());
      assertThrows(IllegalStateException.class, memory::address);
    }
  }
}
