package org.pixelwake.timepix.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.sensor.PixelFaults;
import org.pixelwake.timepix.sensor.Sensor;

/// Setups, and the presets that are their examples.
class SetupTest {
  private static final String SMALL =
      """
      name: small
      sensor:
        chip: timepix3
        thickness_um: 500
        bias_v: 230
        depletion_v: 110
      layers:
        - {material: aluminium, thickness_um: 20}
      sources:
        - particle: proton
          weight: 2
          side_um: 100
          angles: {beam: {theta_deg: 60, phi_deg: 30}}
          spectrum: {mono_mev: 12}
        - particle: C12
          angles: {cosine_power: 2}
          spectrum: {table: spectrum.csv}
      """;

  @TempDir Path directory;

  static List<String> presets() {
    return Setup.presets();
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("presets")
  void presetsMakeTracks(String name) {
    Setup setup = Setup.preset(name);
    assertEquals(name, setup.name());
    assertTrue(Setup.presetText(name).startsWith("#"));
    int count = name.equals("lead") ? 3 : name.contains("gamma") ? 4000 : 400;
    List<Cluster> clusters = new ArrayList<>();
    setup.simulator().run(setup.sources(), 0, count, 1, 2, clusters::add);
    assertTrue(clusters.size() > 2, clusters.size() + " clusters");
    for (Cluster cluster : clusters) {
      Truth truth = cluster.truth();
      assertTrue(truth != null && Particle.ofPdg(truth.particle()).isPresent());
    }
    if (name.equals("lead")) {
      // A core that saturates and a halo of electrons about it.
      int most = clusters.stream().mapToInt(Cluster::size).max().orElse(0);
      assertTrue(most > 100, most + " hits");
    }
  }

  @Tag("slow")
  @Test
  void satramSeesWhatPassesItsHousing() {
    Setup setup = Setup.preset("satram-real");
    assertEquals(Sensor.Chip.TIMEPIX, setup.sensor().chip());
    assertEquals(8, setup.sensor().thresholdKeV());
    List<Cluster> clusters = new ArrayList<>();
    setup.simulator().run(setup.sources(), 0, 4000, 3, 2, clusters::add);
    long protons = clusters.stream().filter(c -> pdg(c) == 2212).count();
    // Nearly all protons above 10 MeV come through; of electrons, which begin at the energy that
    // just passes, less than half.
    assertTrue(protons > 1500, protons + " protons");
    assertTrue(clusters.size() - protons > 300, clusters.size() - protons + " electrons");
    for (Cluster cluster : clusters) {
      for (float toa : cluster.toa()) {
        assertEquals(0, toa);
      }
    }
  }

  private static int pdg(Cluster cluster) {
    Truth truth = cluster.truth();
    return truth == null ? 0 : truth.particle();
  }

  @Test
  void fileWithATableBesideIt() throws IOException {
    Path file = directory.resolve("setup.yaml");
    Files.writeString(file, SMALL);
    Files.writeString(
        directory.resolve("spectrum.csv"), "# C-12\nenergy,density\n100,1\n200 , 3\n");
    Setup setup = Setup.read(file);
    assertEquals(500, setup.sensor().thicknessUm());
    assertEquals(Sensor.timepix3().thresholdKeV(), setup.sensor().thresholdKeV());
    assertEquals(List.of(new MaterialLayer(Material.ALUMINIUM, 20, false)), setup.layers());
    Source first = setup.sources().get(0);
    assertEquals(
        new Source(Particle.PROTON, new Spectrum.Mono(12), new Angles.Beam(60, 30), 2, 100), first);
    assertEquals(Particle.ion(6, 12), setup.sources().get(1).particle());
    assertTrue(setup.sources().get(1).spectrum() instanceof Spectrum.Table);
    assertFalse(setup.withCalibrated(false).sensor().calibrated());
    assertEquals(2, setup.withLayers(setup.layers()).layers().size());
    Files.writeString(directory.resolve("spectrum.csv"), "100,1\n200\n");
    InputException problem = assertThrows(InputException.class, () -> Setup.read(file));
    assertTrue(
        problem.getMessage().contains("spectrum.csv: line 2: is no pair"), problem::getMessage);
    Files.delete(directory.resolve("spectrum.csv"));
    problem = assertThrows(InputException.class, () -> Setup.read(file));
    assertTrue(problem.getMessage().contains("setup.yaml: line 17: the file"), problem::getMessage);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "chip: timepix3|chip: timepix9|line 3: 'timepix9' is not known here. Use one of timepix,",
        "bias_v: 230|bias_v: many|line 5: 'many' is not a number",
        "bias_v: 230|bias_v: 100|line 3: the sensor is to be depleted",
        "bias_v: 230|volts: 230|line 5: 'volts' is not known here. Use of bias_v,",
        "material: aluminium|material: gold|line 8: 'gold' is not known here",
        "thickness_um: 20|thickness_um: -1|line 8: a layer has a thickness",
        "particle: proton|particle: prune|line 10: no particle is named prune",
        "theta_deg: 60|theta_deg: 95|line 13: theta is from 0",
        "mono_mev: 12|mono_mev: 0|line 14: an energy is above 0",
        "{mono_mev: 12}|{mono_mev: 12, power_law: {}}|line 14: a spectrum is of one kind",
        "side_um: 100|side_um: 1e6|line 12: a source is wider",
        "name: small|name: [small|line 2: is not YAML",
        "weight: 2|particle: pion|line 11: particle is there twice",
        "name: small|other: small|line 1: 'other' is not known here",
        "chip: timepix3|pitch_um: 55|'chip' is missing",
        "weight: 2|weight: -2|line 10: a source has a weight",
        "{table: spectrum.csv}|{integral: [[1, 5], [2, 6]]}|line 17: energies rise",
        "{table: spectrum.csv}|{lines: [[1, 5], [2]]}|line 17: is no pair of numbers",
      })
  void mistakesAreNamedByTheirLine(String right, String wrong, String message) throws IOException {
    Path file = directory.resolve("setup.yaml");
    Files.writeString(directory.resolve("spectrum.csv"), "100,1\n200,3\n");
    Files.writeString(file, SMALL.replace(right, wrong));
    InputException problem = assertThrows(InputException.class, () -> Setup.read(file));
    assertTrue(
        problem.getMessage().startsWith(file.toString())
            && problem.getMessage().contains(message)
            && !problem.remedy().isEmpty(),
        problem::getMessage);
  }

  @Test
  void noSuchPresetOrFile() {
    InputException problem = assertThrows(InputException.class, () -> Setup.preset("moon"));
    assertTrue(problem.getMessage().contains("satram-real"), problem::getMessage);
    assertThrows(InputException.class, () -> Setup.read(directory.resolve("none.yaml")));
  }

  @Test
  void deadAndNoisyPixels() {
    String text =
        Setup.presetText("muons")
            .replace(
                "threshold_kev: 5",
                "threshold_kev: 5\n  dead_share: 0.2\n  noisy_share: 0.01\n  noise_probability: 0.005");
    Setup setup = SetupReader.read("test", text, null);
    List<Cluster> clusters = new ArrayList<>();
    setup.simulator().run(setup.sources(), 0, 3000, 8, 2, clusters::add);
    Setup whole = Setup.preset("muons");
    List<Cluster> others = new ArrayList<>();
    whole.simulator().run(whole.sources(), 0, 3000, 8, 2, others::add);
    int[] hits = new int[65536];
    long noise = 0;
    double noiseHits = 0;
    for (Cluster cluster : clusters) {
      for (int i = 0; i < cluster.size(); i++) {
        hits[cluster.y()[i] * 256 + cluster.x()[i]]++;
      }
      if (cluster.truth() == null) {
        noise++;
        noiseHits += cluster.size();
        assertTrue(cluster.energy()[0] < 10, "" + cluster.energy()[0]);
      }
    }
    // 655 noisy pixels, of which a fifth is dead, each in 1 of 200 frames of 3000.
    assertEquals(655 * 0.8 * 0.005 * 3000, noiseHits, 0.15 * noiseHits);
    assertTrue(noise > 0.9 * noiseHits);
    double seen = clusters.stream().filter(c -> c.truth() != null).mapToInt(Cluster::size).sum();
    double all = others.stream().mapToInt(Cluster::size).sum();
    assertEquals(0.8, seen / all, 0.03);
    assertThrows(IllegalArgumentException.class, () -> new PixelFaults(0, 2, 0));
  }

  @Test
  void particlesByNumberAndName() {
    assertEquals(Optional.of(Particle.PHOTON), Particle.ofPdg(22));
    assertEquals(Optional.of(Particle.ion(82, 208)), Particle.ofPdg(1000822080));
    assertEquals("Pb208", Particle.named("Pb208").name());
    assertEquals(Optional.of(Particle.ALPHA), Particle.ofPdg(1000020040));
    assertEquals(Optional.empty(), Particle.ofPdg(0));
    assertEquals(Optional.empty(), Particle.ofPdg(1000822081));
    for (String name : List.of("Pb20", "proton ", "PHOTON".toLowerCase(Locale.ROOT) + "s")) {
      assertThrows(IllegalArgumentException.class, () -> Particle.named(name));
    }
  }
}
