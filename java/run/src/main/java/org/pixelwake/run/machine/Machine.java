package org.pixelwake.run.machine;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pixelwake.base.Version;
import org.pixelwake.run.Texts;

/// What is known of this machine without loading anything native.
public final class Machine {
  /// Of the flags of /proc/cpuinfo those that kernels may use.
  private static final List<String> INSTRUCTION_SETS =
      List.of(
          "sse4_2",
          "avx",
          "avx2",
          "fma",
          "f16c",
          "avx512f",
          "avx512bw",
          "avx512dq",
          "avx512vl",
          "avx512_bf16",
          "avx512_vnni",
          "avx_vnni",
          "amx_bf16",
          "asimd",
          "sve",
          "bf16");

  private Machine() {}

  /// Facts by section and name.
  public static Map<String, Map<String, String>> describe() {
    Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    sections.put("pixelwake", pixelwake());
    sections.put("java", java());
    sections.put("machine", machine());
    sections.put("gpu", gpu());
    sections.put("disk", disk());
    return sections;
  }

  private static Map<String, String> pixelwake() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("version", Version.CURRENT);
    String directory = System.getProperty("pixelwake.native.dir", "");
    facts.put("native folder", directory.isEmpty() ? "inside the jar" : directory);
    return facts;
  }

  private static Map<String, String> java() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("version", Runtime.version().toString());
    facts.put("machine", property("java.vm.name") + ", " + property("java.vm.vendor"));
    facts.put("home", property("java.home"));
    facts.put("heap", Texts.bytes(Runtime.getRuntime().maxMemory()) + " at most");
    facts.put("options", System.getenv().getOrDefault("PIXELWAKE_JAVA_OPTS", "none"));
    return facts;
  }

  private static Map<String, String> machine() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "system",
        property("os.name") + " " + property("os.version") + " on " + property("os.arch"));
    Map<String, String> processor = processor();
    facts.put("processor", processor.getOrDefault("model name", "not told"));
    facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put(
        "instructions",
        instructionSets(processor.getOrDefault("flags", processor.getOrDefault("Features", ""))));
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      facts.put(
          "memory",
          Texts.bytes(system.getTotalMemorySize())
              + ", "
              + Texts.bytes(system.getFreeMemorySize())
              + " of it unused");
    }
    return facts;
  }

  /// The first processor of /proc/cpuinfo; empty where there is none.
  private static Map<String, String> processor() {
    Map<String, String> facts = new LinkedHashMap<>();
    for (String line : lines(Path.of("/proc/cpuinfo"))) {
      String[] parts = line.split(":", 2);
      if (parts.length == 2) {
        facts.putIfAbsent(parts[0].strip(), parts[1].strip());
      }
    }
    return facts;
  }

  public static String instructionSets(String flags) {
    List<String> present = Arrays.asList(flags.split("\\s+"));
    String known =
        INSTRUCTION_SETS.stream().filter(present::contains).collect(Collectors.joining(" "));
    return known.isEmpty() ? "not told" : known;
  }

  private static Map<String, String> gpu() {
    Map<String, String> facts = new LinkedHashMap<>();
    List<String> driver = lines(Path.of("/proc/driver/nvidia/version"));
    facts.put("driver", driver.isEmpty() ? "no NVIDIA driver is loaded" : driver.getFirst());
    facts.put("nvidia-smi", onPath("nvidia-smi", List.of()));
    facts.put("nvcc", onPath("nvcc", List.of("/usr/local/cuda/bin")));
    return facts;
  }

  private static Map<String, String> disk() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("here", free(Path.of("")));
    facts.put("temporary", free(Path.of(property("java.io.tmpdir"))));
    facts.put("home", free(Path.of(property("user.home"))));
    return facts;
  }

  private static String free(Path folder) {
    Path absolute = folder.toAbsolutePath();
    try {
      return Texts.bytes(Files.getFileStore(absolute).getUsableSpace()) + " free in " + absolute;
    } catch (IOException e) {
      return absolute + " cannot be examined (" + e.getMessage() + ")";
    }
  }

  private static String onPath(String program, List<String> further) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(Stream.of(path.split(File.pathSeparator)), further.stream())
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElse("not found");
  }

  /// Lines of a file of the system; none where it is not there.
  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file)
          ? Files.readAllLines(file, StandardCharsets.ISO_8859_1)
          : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  /// Returns the most memory that this process has held, in bytes; 0 where the system does not
  /// tell.
  public static long peakMemory() {
    return lines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private static String property(String name) {
    return System.getProperty(name, "not told");
  }

  /// Returns notes on the environment, for reports.
  public static Map<String, String> environment() {
    return Map.of(
        "Java",
        Runtime.version().toString(),
        "system",
        System.getProperty("os.name") + " " + System.getProperty("os.arch"));
  }
}
