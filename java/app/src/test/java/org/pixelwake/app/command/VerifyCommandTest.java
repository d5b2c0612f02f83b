package org.pixelwake.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.app.Cli;
import org.pixelwake.engine.Backend;
import org.pixelwake.network.GoldenCheck;
import org.pixelwake.network.checkpoint.NamedTensor;
import org.pixelwake.network.checkpoint.Safetensors;
import org.pixelwake.network.checkpoint.TensorMap;

final class VerifyCommandTest {
  private static final Path GOLDEN =
      Cli.repository("java/network/src/test/resources/golden/autoencoder_tiny.golden.safetensors");
  private static final Path WEIGHTS = GOLDEN.resolveSibling("autoencoder_tiny.pth");

  /// Every machine that builds Pixelwake has a CPU library that works.
  @BeforeAll
  static void theCpuLibraryIsUsable() {
    Backend.Availability cpu = Backend.probe("cpu");
    assertTrue(cpu.usable(), "the CPU library is not usable: " + cpu.detail());
  }

  @Test
  void agreesWithPyTorch() {
    Cli cli = Cli.run("verify", WEIGHTS, GOLDEN, "--device", "cpu");
    assertEquals(0, cli.code(), cli.out() + cli.err());
    assertTrue(cli.out().contains("eval.output"), cli.out());
    assertTrue(cli.out().contains("PASSED: all "), cli.out());
    assertTrue(cli.out().contains("the worst is "), cli.out());
  }

  @Test
  void failsOnOtherWeights(@TempDir Path folder) {
    TensorMap weights = org.pixelwake.network.StateDict.read(WEIGHTS);
    List<NamedTensor> changed = new ArrayList<>();
    for (NamedTensor tensor : weights.tensors()) {
      if (tensor.name().equals("features.0.0.weight")) {
        float[] values = tensor.toFloats();
        values[0] += 0.5f;
        changed.add(NamedTensor.ofFloats(tensor.name(), values, tensor.shape()));
      } else {
        changed.add(tensor);
      }
    }
    Path file = folder.resolve("changed.safetensors");
    Safetensors.write(file, new TensorMap(file.toString(), changed, weights.metadata()));
    Cli cli = Cli.run("verify", file, GOLDEN, "--device", "cpu");
    assertEquals(1, cli.code(), cli.err());
    assertTrue(cli.out().contains("FAILED: "), cli.out());
  }

  @Test
  void verdictNamesTheWorstByWhatIsAllowed() {
    GoldenCheck.Row good = new GoldenCheck.Row("good", 9e-5, 1, 1e-3);
    GoldenCheck.Row near = new GoldenCheck.Row("near", 5e-5, 1, 1e-4);
    GoldenCheck.Row nan = new GoldenCheck.Row("nan", Double.NaN, 1, 1e-4);
    assertTrue(GoldenCheck.verdict(List.of(good, near)).startsWith("PASSED: all 2"));
    assertTrue(GoldenCheck.verdict(List.of(good, near)).contains("the worst is near"));
    assertTrue(GoldenCheck.verdict(List.of(good, nan, near)).startsWith("FAILED: 1 of 3"));
    assertTrue(GoldenCheck.verdict(List.of(good, nan, near)).contains("the worst is nan"));
  }

  @Test
  void refusesWhatIsNoNetwork() {
    Cli cli = Cli.run("verify", GOLDEN, GOLDEN, "--device", "cpu");
    assertEquals(2, cli.code());
    assertTrue(cli.err().contains("autoencoder_tiny.golden.safetensors"), cli.err());
  }

  @Test
  void refusesAnUnknownDevice() {
    Cli device = Cli.run("verify", WEIGHTS, GOLDEN, "--device", "tpu");
    assertEquals(2, device.code());
    assertTrue(device.err().contains("--device tpu: no such device"), device.err());
  }
}
