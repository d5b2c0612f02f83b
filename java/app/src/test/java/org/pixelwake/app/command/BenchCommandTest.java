package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.app.Cli;

final class BenchCommandTest {
  private static final Object[] SMALL = {
    "--arch", "efficientnet_w0.2_d0.3", "--side", "32", "--batch", "2", "--device", "cpu"
  };

  private static Cli bench(String command, Object... more) {
    Object[] words = new Object[2 + SMALL.length + more.length];
    words[0] = "bench";
    words[1] = command;
    System.arraycopy(SMALL, 0, words, 2, SMALL.length);
    System.arraycopy(more, 0, words, 2 + SMALL.length, more.length);
    return Cli.run(words);
  }

  @Tag("slow")
  @Test
  void rooflineForPeople() {
    Cli cli = bench("roofline");
    assertEquals(0, cli.code(), cli.err());
    for (String word :
        new String[] {"measured limits", "pointwise", "depthwise", "squeeze_excite", "ceiling"}) {
      assertTrue(cli.out().contains(word), word + " is not in: " + cli.out());
    }
  }

  @Test
  void rooflineForPrograms() throws IOException {
    Cli cli = bench("roofline", "--json");
    assertEquals(0, cli.code(), cli.err());
    JsonNode json = cli.json();
    assertTrue(json.get("limits").get("fma_gflops").asDouble() > 1);
    double bound = 0;
    for (JsonNode family : json.get("families")) {
      bound += family.get("bound_ms").asDouble();
      assertFalse(family.has("time_ms"), "nothing was timed");
    }
    assertEquals(json.get("total").get("bound_ms").asDouble(), bound, 1e-9);
    assertEquals(2e3 / bound, json.get("images_per_second").asDouble(), 1e-6);
  }

  @Tag("slow")
  @Test
  void profile() throws IOException {
    Cli cli = bench("step", "--steps", "4", "--profile", "--json");
    assertEquals(0, cli.code(), cli.err());
    JsonNode profile = cli.json().get("profile");
    double share = 0;
    for (JsonNode family : profile.get("families")) {
      share += family.get("share_percent").asDouble();
    }
    assertEquals(100, share, 1e-6);
    assertEquals(profile.get("total").get("calls").asInt(), profile.get("operations").size());
    assertTrue(profile.get("operations").get(0).has("shape"));
  }

  @Tag("slow")
  @Test
  void profileForPeople() {
    Cli cli = bench("step", "--steps", "4", "--profile=operations");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("16x16"), cli.out());
    assertTrue(cli.out().contains("% of bound"), cli.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "bf16"})
  void encoder(String precision) throws IOException {
    Cli cli =
        bench("encoder", "--precision", precision, "--seconds", "0.1", "--warmup", "0", "--json");
    assertEquals(0, cli.code(), cli.err());
    JsonNode json = cli.json();
    assertTrue(json.get("images_per_second").asDouble() > 0, cli.out());
    assertTrue(json.get("error").asDouble() < json.get("tolerance").asDouble(), cli.out());
    assertEquals(json.get("runs").asInt(), json.get("run_ms").size());
    assertEquals(precision, json.get("precision").asText());
  }

  @Test
  void encoderForPeople() {
    Cli cli = bench("encoder", "--seconds", "0.1", "--warmup", "0");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("images/s"), cli.out());
    assertTrue(cli.out().contains("which is rounding"), cli.out());
    assertEquals(2, Cli.run("bench", "encoder", "--seconds", "0").code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"step --steps 8", "encoder --seconds 0.1 --warmup 0"})
  void networkOverHits(String command) throws IOException {
    String words =
        "bench " + command + " --arch hits_w8_d2 --batch 6 --hits 11 --device cpu --json";
    Cli cli = Cli.run((Object[]) words.split(" ", -1));
    assertEquals(0, cli.code(), cli.err());
    JsonNode json = cli.json();
    assertTrue(json.get("images_per_second").asDouble() > 0, cli.out());
    assertEquals("hits_w8_d2", json.get("arch").asText());
    if (command.startsWith("step")) {
      assertTrue(json.get("losses_repeat").asBoolean() && json.get("losses_fall").asBoolean());
    } else {
      assertTrue(json.get("error").asDouble() < json.get("tolerance").asDouble(), cli.out());
    }
  }

  @ParameterizedTest
  @CsvSource({"--hits=0,--hits", "--precision=bf16,f32"})
  void refusedOverHits(String option, String word) {
    Cli cli = Cli.run("bench", "encoder", "--arch", "hits_s", "--device", "cpu", option);
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(word), cli.err());
  }

  @ParameterizedTest
  @CsvSource({"--profile=all,families", "--steps=0,--steps", "--arch=b9,b9", "--side=7,side"})
  void refused(String option, String word) {
    Cli cli = Cli.run("bench", "step", option);
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(word), cli.err());
    assertFalse(cli.err().contains("\tat "), cli.err());
  }
}
