package org.pixelwake.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class VersionTest {
  /// Checkpoints carry the engine's constant, the command line what the build says: they must not
  /// drift apart.
  @Test
  void engineAndBuildAgree() {
    assertEquals(Version.text(), org.pixelwake.base.Version.CURRENT);
  }
}
