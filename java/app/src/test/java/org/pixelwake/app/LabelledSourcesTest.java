package org.pixelwake.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.Split;
import org.pixelwake.training.Labels;

/// Labelled data sets of real sources, in which a classifier cannot win by recognising the detector.
///
/// Radioactive sources in front of one MiniPIX EDU, of the same bias, frame length and calibration
/// (mPIXdaq): radon daughters against gammas. Above 1 MeV nearly all are alphas of radon, so that
/// the limit makes the question one of electrons. Each class is one file, divided by stretches:
///
///     pixelwake dataset mpixdaq-radon-clusters.yml.gz mpixdaq-gamma-clusters.yml.gz \
///       -o electrons.parquet --where "energy < 1000"
///     classes radon=*radon*, gamma=*gamma*; division by block
///
/// Frames of one chip of CERN@school (B06-W0212, the same threshold and bias): potassium chloride
/// against the natural background, which are folders of their archives:
///
///     pixelwake dataset testdata/kcldata B06-W0212 -o chip.parquet
///     classes kcl=*kcldata, background=*B06*; division by block
///
/// Betas of Sr-90 against the natural background, both divided by file: the background held out is
/// of a chip that was not trained on. The betas are all of a third chip, which the warnings tell;
/// what recognising a chip gives is measured by the two chips in the same background:
///
///     pixelwake dataset cernatschool-sr90-*.zip B06-W0212 E09-W0092 -o files.parquet
///     classes sr90=*sr90*, background=*-W0*; division by source
///     classes b06=*B06*, e09=*E09*; division by block
class LabelledSourcesTest {
  @TempDir Path temp;

  private static Path data() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("shared/data"))) {
        return at.resolve("shared/data");
      }
    }
    return Assumptions.abort("skipped: ../shared/data is not there");
  }

  private Path unzip(String archive, String folder) throws IOException {
    try (InputStream in = Files.newInputStream(data().resolve(archive));
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path to = temp.resolve(entry.getName()).normalize();
        if (!entry.isDirectory() && to.startsWith(temp.resolve(folder))) {
          Files.createDirectories(to.getParent());
          Files.copy(zip, to);
        }
      }
    }
    return temp.resolve(folder);
  }

  private Path dataset(String name, Object... arguments) {
    Path file = temp.resolve(name);
    Object[] command = new Object[arguments.length + 3];
    command[0] = "dataset";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    command[arguments.length + 1] = "-o";
    command[arguments.length + 2] = file;
    Cli cli = Cli.run(command);
    assertEquals(ExitCode.OK, cli.code(), cli.err());
    return file;
  }

  /// Labels of a data set.
  private record Labelled(ClusterTable table, Labels labels) {
    static Labelled of(Path file, String... classes) {
      try (DatasetReader reader = DatasetReader.open(file)) {
        ClusterTable table = reader.loadAll();
        return new Labelled(table, Labels.bySource(table, reader.info(), List.of(classes)));
      }
    }

    Set<String> frames(int[] rows) {
      Set<String> frames = new HashSet<>();
      Arrays.stream(rows).forEach(r -> frames.add(table.source(r) + "/" + table.frame(r)));
      return frames;
    }

    Set<Integer> sources(int[] rows) {
      Set<Integer> sources = new HashSet<>();
      Arrays.stream(rows).forEach(r -> sources.add(table.source(r)));
      return sources;
    }

    /// Divides by block and checks that no frame is in both parts and a fifth is held out.
    void assertDivided() {
      Split.Parts parts = labels.split(new Split(0.2, Split.Unit.BLOCK, 1));
      Set<String> shared = frames(parts.train());
      shared.retainAll(frames(parts.heldOut()));
      assertEquals(Set.of(), shared);
      int[] all = labels.counts();
      int[] held = labels.counts(parts.heldOut());
      for (int label = 0; label < all.length; label++) {
        assertEquals(0.2, (double) held[label] / all[label], 0.03, labels.classNames().get(label));
      }
      int[] balanced = labels.balanced(parts.train(), 1);
      int[] counts = labels.counts(balanced);
      assertTrue(counts[0] > 0 && Arrays.stream(counts).allMatch(count -> count == counts[0]));
    }
  }

  @Test
  void radonAndGammasOfOneDetector() {
    Path data = data();
    Path file =
        dataset(
            "electrons.parquet",
            data.resolve("mpixdaq-radon-clusters.yml.gz"),
            data.resolve("mpixdaq-gamma-clusters.yml.gz"),
            "--where",
            "energy < 1000");
    Labelled electrons = Labelled.of(file, "radon=*radon*", "gamma=*gamma*");
    assertArrayEquals(new int[] {40676, 5616}, electrons.labels.counts());
    assertEquals(List.of(), electrons.labels.warnings());
    electrons.assertDivided();
  }

  @Test
  void potassiumAndBackgroundOfOneChip() throws IOException {
    Path kcl = unzip("cernatschool-kcl-measured-and-simulated.zip", "testdata/kcldata");
    Path background = unzip("cernatschool-background.zip", "B06-W0212");
    Labelled chip =
        Labelled.of(dataset("chip.parquet", kcl, background), "kcl=*kcldata", "background=*B06*");
    assertArrayEquals(new int[] {3591, 450}, chip.labels.counts());
    assertEquals(List.of(), chip.labels.warnings());
    chip.assertDivided();
  }

  @Test
  void betasAndBackgroundByFile() throws IOException {
    Path data = data();
    Path file =
        dataset(
            "files.parquet",
            data.resolve("cernatschool-sr90-0-00-mm.zip"),
            data.resolve("cernatschool-sr90-0-23-mm.zip"),
            data.resolve("cernatschool-sr90-1-01-mm.zip"),
            unzip("cernatschool-background.zip", "B06-W0212"),
            unzip("cernatschool-background.zip", "E09-W0092"));
    Labelled files = Labelled.of(file, "sr90=*sr90*", "background=*-W0*");
    assertArrayEquals(new int[] {71352, 866}, files.labels.counts());
    assertEquals(
        List.of("  sr90: Timepix E09-W0211", "  background: Timepix B06-W0212, Timepix E09-W0092"),
        files.labels.warnings().subList(1, 3));
    Split.Parts parts = files.labels.split(new Split(0.3, Split.Unit.SOURCE, 1));
    Set<Integer> held = files.sources(parts.heldOut());
    assertEquals(2, held.size());
    assertFalse(files.sources(parts.train()).removeAll(held));
    Labelled chips = Labelled.of(file, "b06=*B06*", "e09=*E09*");
    assertArrayEquals(new int[] {450, 416}, chips.labels.counts());
    chips.assertDivided();
  }
}
