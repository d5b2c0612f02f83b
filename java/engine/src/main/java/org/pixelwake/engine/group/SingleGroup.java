package org.pixelwake.engine.group;

import java.lang.foreign.MemorySegment;

/// One process: it keeps what it has.
enum SingleGroup implements Group {
  INSTANCE;

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public void allGather(MemorySegment own, MemorySegment all) {
    all.copyFrom(own);
  }

  @Override
  public void allToAll(MemorySegment parts, MemorySegment received) {
    received.copyFrom(parts);
  }

  @Override
  public void barrier() {
    // Everybody is here.
  }
}
