package org.pixelwake.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a process that trains holds is what its step plans, and the Java virtual machine.
@Tag("slow")
final class ResidentMemoryTest {
  /// The virtual machine with its heap, code and classes, and the libraries, in MiB: about 40 for a
  /// program that does nothing, 75 for a training step.
  private static final double MACHINE = 110;

  @ParameterizedTest
  @CsvSource({"f32, 0", "f32, 0.03", "bf16, 0.03"})
  void isThePlanAndTheVirtualMachine(String precision, String recompute)
      throws IOException, InterruptedException {
    Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/self/status")));
    JsonNode report = step(precision, recompute);
    double planned =
        report.get("plan_mib").doubleValue() + report.get("parameters_mib").doubleValue();
    double resident = report.get("peak_resident_mib").doubleValue();
    assertTrue(planned > 150, "too little to tell anything: " + planned + " MiB planned");
    String both = resident + " MiB resident for " + planned + " MiB planned";
    assertTrue(resident <= planned + MACHINE, both);
    assertTrue(resident > planned, both);
  }

  private static JsonNode step(String precision, String recompute)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(launcherOptions());
    command.add("-Dpixelwake.native.dir=" + System.getProperty("pixelwake.native.dir", ""));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("bench", "step", "--arch", "efficientnet_b0", "--side", "96"));
    command.addAll(List.of("--batch", "16", "--precision", precision, "--recompute", recompute));
    command.addAll(List.of("--steps", "1", "--warmup", "1", "--device", "cpu", "--json"));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), out);
    return JsonMapper.builder().build().readTree(out);
  }

  /// The options of the virtual machine that users get.
  private static List<String> launcherOptions() throws IOException {
    String launcher = Files.readString(Cli.repository("bin/pixelwake"));
    List<String> options =
        Pattern.compile(" (-X\\S+|--enable-native-access=\\S+)")
            .matcher(launcher.substring(launcher.lastIndexOf("\nexec ")))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertTrue(options.size() >= 3, options::toString);
    return options;
  }
}
