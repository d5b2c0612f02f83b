package org.pixelwake.base;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class VersionTest {
  /// Checkpoints and the command line carry the constant: it must not drift apart from the build.
  @Test
  void theConstantIsThatOfThePom() throws IOException {
    String pom = Files.readString(Path.of("../../pom.xml"));
    assertTrue(
        pom.contains(
            "<artifactId>pixelwake</artifactId>\n  <version>" + Version.CURRENT + "</version>"),
        Version.CURRENT);
  }
}
