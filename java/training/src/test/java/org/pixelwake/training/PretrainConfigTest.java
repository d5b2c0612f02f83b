package org.pixelwake.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pixelwake.base.InputException;

class PretrainConfigTest {
  @TempDir Path folder;

  @Test
  void yamlRoundTrip() throws IOException {
    PretrainConfig config = new PretrainConfig();
    config.arch = "efficientnet_b0";
    config.learningRate = 3e-4;
    config.beta2 = 0.99f;
    Path file = folder.resolve("config.yaml");
    Files.writeString(file, config.toYaml());
    assertEquals(config.toJson(), RunConfig.readYaml(file, PretrainConfig.class).toJson());
    assertEquals(config.toJson(), config.copy(PretrainConfig.class).toJson());
  }

  @Test
  void everyYamlKeyIsNamedAsItsOption() {
    String yaml = new PretrainConfig().toYaml();
    for (RunConfig.Described described : new PretrainConfig().settings()) {
      assertTrue(
          yaml.contains("\n" + described.name() + ":") || yaml.startsWith(described.name() + ":"),
          () -> described.name() + " in " + yaml);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sied: 96 | sied",
        "side: many | side",
        "side: [1 | line",
        "side: null | side",
      })
  void badYamlNamesThePlace(String text, String place) throws IOException {
    Path file = folder.resolve("bad.yaml");
    Files.writeString(file, "arch: efficientnet_b0\n" + text + "\n");
    InputException e =
        assertThrows(InputException.class, () -> RunConfig.readYaml(file, PretrainConfig.class));
    assertTrue(e.getMessage().contains("bad.yaml"), e.getMessage());
    assertTrue(e.getMessage().contains(place), e.getMessage());
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    PretrainConfig config = new PretrainConfig();
    config.side = 100;
    InputException e = assertThrows(InputException.class, config::validate);
    assertTrue(e.getMessage().contains("--side"), e.getMessage());
  }

  @Test
  void scheduleRisesAndFalls() {
    Schedule schedule = new Schedule(1, 0.1, 10, 110);
    assertEquals(0.1, schedule.at(1), 1e-12);
    assertEquals(1, schedule.at(10), 1e-12);
    assertEquals(0.55, schedule.at(60), 1e-12);
    assertEquals(0.1, schedule.at(110), 1e-12);
  }

  @Test
  void shuffleVisitsEveryRowOnceAnEpoch() {
    int[] rows = {3, 5, 7, 11, 13};
    Shuffle shuffle = new Shuffle(1, rows);
    for (int epoch = 0; epoch < 20; epoch++) {
      int product = 1;
      for (int i = 0; i < rows.length; i++) {
        product *= shuffle.at((long) epoch * rows.length + i);
      }
      assertEquals(3 * 5 * 7 * 11 * 13, product);
    }
    // Asking anew, anywhere, gives the same.
    assertEquals(new Shuffle(1, rows).at(42), shuffle.at(42));
  }
}
