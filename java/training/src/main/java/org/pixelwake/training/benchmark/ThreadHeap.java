package org.pixelwake.training.benchmark;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// What the calling thread has allocated on Java's heap.
final class ThreadHeap {
  private ThreadHeap() {}

  /// Returns the bytes allocated since the thread began; 0 where the virtual machine does not count
  /// them.
  static long allocated() {
    return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean counting
            && counting.isThreadAllocatedMemoryEnabled()
        ? counting.getCurrentThreadAllocatedBytes()
        : 0;
  }
}
