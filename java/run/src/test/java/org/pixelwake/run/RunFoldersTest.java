package org.pixelwake.run;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.AtomicFolder;

class RunFoldersTest {
  @TempDir Path folder;

  @Test
  void whatAKilledProgramWasWritingDoesNotFillAFolder() throws IOException {
    assertTrue(RunFolders.empty(folder));
    // Neither is committed nor closed, as where the program is killed.
    Files.writeString(new AtomicFile(folder.resolve("study.yaml")).temporary(), "title: Half");
    Files.writeString(new AtomicFolder(folder.resolve("data")).temporary().resolve("part"), "half");
    assertTrue(RunFolders.empty(folder));
    Files.writeString(folder.resolve(".notes.tmp"), "of somebody else");
    assertFalse(RunFolders.empty(folder));
  }
}
