package org.pixelwake.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.Split;
import org.pixelwake.training.target.Labels;

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
///
/// Each is done with measured sources, and with small ones of the same names and detectors that are
/// made up here, whose clusters are known.
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

  /// Clusters of mPIXdaq, two a frame: one of two hits and 8 keV, one of 1200 keV.
  private Path yaml(String name, int frames) {
    StringBuilder text =
        new StringBuilder(
            """
            keys: [time, x_mean, y_mean, n_pix, energy, var_mx, var_mn]
            meta_data: {acq_time: 0.5, npixels_x: 256, npixels_y: 256}
            deviceInfo: {dn: made up}
            badPixels: []
            cluster_data:
            """);
    for (int i = 0; i < frames; i++) {
      double time = 0.5 * i;
      int pixel = 256 * (i % 200) + 7;
      text.append(
              " - [[%s, 0, 0, 2, 8, 0, 0], [[%d, 5], [%d, 3]]]\n".formatted(time, pixel, pixel + 1))
          .append(" - [[%s, 0, 0, 1, 1200, 0, 0], [[%d, 1200]]]\n".formatted(time, pixel + 100));
    }
    text.append("eor_data: {Nframes: %d}\n".formatted(frames));
    return write(temp.resolve(name), text.toString());
  }

  /// Frames of a chip with two clusters each, in a folder as Pixelman's archives have it.
  private Path frames(String name, String chip, int frames) {
    for (int i = 0; i < frames; i++) {
      Path file = temp.resolve(name).resolve("ASCIIxyC/data" + i + ".txt");
      write(file, "%d\t9\t20\n%d\t10\t31\n7\t%d\t12\n".formatted(20 + i, 21 + i, 100 + i));
      write(
          file.resolveSibling("data" + i + ".txt.dsc"),
          """
          A000000001
          [F0]
          Type=i16 [X,Y,C] width=256 height=256
          "ChipboardID" ("Medipix or chipboard ID"):
          uchar[10]
          %s

          "Mpx type" ("Medipix type (1-2.1, 2-MXR, 3-TPX)"):
          i32[1]
          3
          """
              .formatted(chip));
    }
    return temp.resolve(name);
  }

  private static Path write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  @Tag("slow")
  @ParameterizedTest(name = "measured: {0}")
  @ValueSource(booleans = {false, true})
  void radonAndGammasOfOneDetector(boolean measured) {
    Path radon = measured ? data().resolve("mpixdaq-radon-clusters.yml.gz") : yaml("radon.yml", 80);
    Path gamma = measured ? data().resolve("mpixdaq-gamma-clusters.yml.gz") : yaml("gamma.yml", 40);
    Path file = dataset("electrons.parquet", radon, gamma, "--where", "energy < 1000");
    Labelled electrons = Labelled.of(file, "radon=*radon*", "gamma=*gamma*");
    assertArrayEquals(
        measured ? new int[] {40676, 5616} : new int[] {80, 40}, electrons.labels.counts());
    assertEquals(List.of(), electrons.labels.warnings());
    electrons.assertDivided();
  }

  @ParameterizedTest(name = "measured: {0}")
  @ValueSource(booleans = {false, true})
  void potassiumAndBackgroundOfOneChip(boolean measured) throws IOException {
    Path kcl =
        measured
            ? unzip("cernatschool-kcl-measured-and-simulated.zip", "testdata/kcldata")
            : frames("testdata/kcldata", "B06-W0212", 40);
    Path background =
        measured
            ? unzip("cernatschool-background.zip", "B06-W0212")
            : frames("B06-W0212", "B06-W0212", 20);
    Labelled chip =
        Labelled.of(dataset("chip.parquet", kcl, background), "kcl=*kcldata", "background=*B06*");
    assertArrayEquals(measured ? new int[] {3591, 450} : new int[] {80, 40}, chip.labels.counts());
    assertEquals(List.of(), chip.labels.warnings());
    chip.assertDivided();
  }

  @Tag("slow")
  @ParameterizedTest(name = "measured: {0}")
  @ValueSource(booleans = {false, true})
  void betasAndBackgroundByFile(boolean measured) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String thickness : List.of("0-00", "0-23", "1-01")) {
      String name = "cernatschool-sr90-" + thickness + "-mm";
      sources.add(measured ? data().resolve(name + ".zip") : frames(name, "E09-W0211", 30));
    }
    for (String chip : List.of("B06-W0212", "E09-W0092")) {
      sources.add(measured ? unzip("cernatschool-background.zip", chip) : frames(chip, chip, 20));
    }
    Path file = dataset("files.parquet", sources.toArray());
    Labelled files = Labelled.of(file, "sr90=*sr90*", "background=*-W0*");
    assertArrayEquals(
        measured ? new int[] {71352, 866} : new int[] {180, 80}, files.labels.counts());
    assertEquals(
        List.of("  sr90: Timepix E09-W0211", "  background: Timepix B06-W0212, Timepix E09-W0092"),
        files.labels.warnings().subList(1, 3));
    Split.Parts parts = files.labels.split(new Split(0.3, Split.Unit.SOURCE, 1));
    Set<Integer> held = files.sources(parts.heldOut());
    assertEquals(2, held.size());
    assertFalse(files.sources(parts.train()).removeAll(held));
    Labelled chips = Labelled.of(file, "b06=*B06*", "e09=*E09*");
    assertArrayEquals(measured ? new int[] {450, 416} : new int[] {40, 40}, chips.labels.counts());
    chips.assertDivided();
  }
}
