package org.pixelwake.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.base.InputException;
import org.pixelwake.training.target.RegressionTarget;

class FinetuneConfigTest {
  @TempDir Path folder;

  @Test
  void yamlRoundTrip() throws IOException {
    FinetuneConfig config = new FinetuneConfig();
    config.classes = "electron, proton";
    config.targets = "theta_deg,phi_deg";
    config.layerDecay = 0.7;
    config.maxHits = 99;
    Path file = folder.resolve("config.yaml");
    Files.writeString(file, config.toYaml());
    FinetuneConfig read = RunConfig.readYaml(file, FinetuneConfig.class);
    assertEquals(config.toJson(), read.toJson());
    assertEquals(config.toJson(), config.copy(FinetuneConfig.class).toJson());
    assertEquals(List.of("electron", "proton"), read.classList());
    assertEquals(List.of(RegressionTarget.THETA, RegressionTarget.PHI), read.targetList());
    read.validate();
  }

  /// Settings of both kinds of runs are found by the same names, each once, and in their groups.
  @Test
  void settingsAreGroupedAndNamedOnce() {
    String yaml = new FinetuneConfig().toYaml();
    Set<String> names = new HashSet<>();
    Set<String> groups = new HashSet<>();
    String group = "";
    for (RunConfig.Described described : new FinetuneConfig().settings()) {
      assertTrue(names.add(described.name()), described.name());
      assertTrue(
          ("\n" + yaml).contains("\n" + described.name() + ":"),
          () -> described.name() + " in " + yaml);
      if (!described.group().equals(group)) {
        group = described.group();
        assertTrue(groups.add(group), group);
      }
    }
    for (RunConfig.Described described : new PretrainConfig().settings()) {
      if (described.field().getDeclaringClass() == RunConfig.class) {
        assertTrue(names.contains(described.name()), described.name());
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "side: 100                         | --side",
        "arch: vgg16                       | --arch vgg16",
        "dropout: 1                        | --dropout",
        "layer-decay: 0                    | --layer-decay",
        "train-share: 1.5                  | --train-share",
        "label-smoothing: 1                | --label-smoothing",
        "class-weights: some               | none, balanced",
        "split-unit: file                  | source",
        "monitor: f1                       | balanced-accuracy",
        "targets: theta_deg,theta_deg      | is named twice",
        "targets: momentum                 | no quantity of the truth",
        "frozen: true                      | --frozen",
        "labels: none                      | nothing to learn",
        "patience: -1                      | --patience",
      })
  void valuesThatMakeNoSenseAreRefused(String text, String part) throws IOException {
    Path file = folder.resolve("bad.yaml");
    Files.writeString(file, text.strip() + "\n");
    FinetuneConfig config = RunConfig.readYaml(file, FinetuneConfig.class);
    InputException e = assertThrows(InputException.class, config::validate);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void unknownKeysAreRefused() throws IOException {
    Path file = folder.resolve("bad.yaml");
    Files.writeString(file, "mask-fraction: 0.5\n");
    InputException e =
        assertThrows(InputException.class, () -> RunConfig.readYaml(file, FinetuneConfig.class));
    assertTrue(e.getMessage().contains("pixelwake finetune --help"), e.getMessage());
  }
}
