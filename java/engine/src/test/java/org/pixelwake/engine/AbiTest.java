package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.Inference;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.engine.plan.Gradients;

/// `kernels.h`, the bindings in Java and the libraries say the same.
final class AbiTest {
  /// The structs that Java lays out, by the name of C.
  private static final Map<String, StructLayout> LAYOUTS = new HashMap<>();

  private final Header header;

  AbiTest() throws IOException {
    header = new Header();
  }

  /// Initialises every class of the engine, so that all its symbols are known, and gathers its
  /// layouts.
  @BeforeAll
  static void initialiseAll() throws IOException, URISyntaxException, ReflectiveOperationException {
    Path classes =
        Path.of(Operation.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes.resolve("org/pixelwake/engine"))) {
      files
          .map(file -> classes.relativize(file).toString())
          .filter(file -> file.endsWith(".class") && !file.endsWith("package-info.class"))
          .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
          .forEach(names::add);
    }
    for (String name : names) {
      Class<?> type = Class.forName(name);
      for (Field field : type.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) && field.getType() == StructLayout.class) {
          field.setAccessible(true);
          StructLayout layout = (StructLayout) field.get(null);
          assertEquals(null, LAYOUTS.put(layout.name().orElseThrow(), layout), layout.toString());
        }
      }
    }
  }

  @Test
  void everyFunctionHasItsSymbol() {
    Map<String, FunctionDescriptor> bound = new TreeMap<>();
    for (Symbol symbol : Symbol.all()) {
      assertEquals(
          null, bound.put(symbol.name(), symbol.descriptor()), symbol.name() + " is bound twice");
    }
    assertTrue(header.functions.size() > 40, header.functions.size() + " functions parsed");
    assertEquals(new TreeSet<>(header.functions.keySet()), bound.keySet());
    header.functions.forEach(
        (name, descriptor) -> assertEquals(descriptor, bound.get(name), "types of " + name));
  }

  @Test
  void everyStructHasItsLayout() {
    assertTrue(header.structs.size() > 10, header.structs.size() + " structs parsed");
    assertEquals(new TreeSet<>(header.structs.keySet()), new TreeSet<>(LAYOUTS.keySet()));
    header.structs.forEach((name, layout) -> assertEquals(layout, LAYOUTS.get(name), name));
  }

  @Test
  void constantsAreEqual() {
    Map<String, Integer> expected = new TreeMap<>();
    expected.put("PW_ABI_VERSION", Backend.ABI_VERSION);
    expected.put("PW_LOSS_COLUMNS", Loss.COLUMNS);
    expected.put("PW_SUPERVISED_COLUMNS", Loss.SUPERVISED_COLUMNS);
    for (Storage storage : Storage.values()) {
      expected.put("PW_" + storage, storage.code());
    }
    for (Transform transform : Transform.values()) {
      expected.put("PW_" + transform, transform.code());
    }
    for (Gradients.Kind kind : Gradients.Kind.values()) {
      expected.put("PW_GRAD_" + kind, kind.code());
    }
    for (Inference.Activation activation : Inference.Activation.values()) {
      expected.put("PW_" + activation, activation.code());
    }
    for (Rasterize.Energies energies : Rasterize.Energies.values()) {
      expected.put("PW_ENERGY_" + energies, energies.code());
    }
    expected.put("PW_HITS_NEIGHBOURS", Hits.NEIGHBOURS);
    expected.put("PW_HITS_FEATURES", Hits.FEATURES);
    expected.put("PW_HITS_HEADS", Loss.HIT_HEADS);
    expected.put("PW_HITS_LOSS_COLUMNS", Loss.HIT_COLUMNS);
    for (Device.Isa isa : Device.Isa.values()) {
      expected.put("PW_ISA_" + isa, isa.code());
    }
    // Written out where they are passed: Device and Convolution.
    expected.putAll(
        Map.of(
            "PW_HOST_TO_DEVICE", Device.HOST_TO_DEVICE,
            "PW_DEVICE_TO_HOST", Device.DEVICE_TO_HOST,
            "PW_DEVICE_TO_DEVICE", Device.DEVICE_TO_DEVICE,
            "PW_FORWARD", 0,
            "PW_BACKWARD", 1));
    // What NativeException documents.
    expected.putAll(
        Map.of(
            "PW_OK", 0, "PW_INVALID", 1, "PW_UNSUPPORTED", 2, "PW_NO_MEMORY", 3, "PW_DEVICE", 4));
    assertEquals(expected, new TreeMap<>(header.constants));
  }

  @ParameterizedTest
  @MethodSource("libraries")
  void librariesExportTheFunctionsAndNothingElse(String name) throws IOException {
    Backend backend;
    try {
      backend = Backend.load(name);
    } catch (UnsatisfiedLinkError e) {
      Assumptions.abort(name + ": " + e.getMessage());
      return;
    }
    assertEquals(new TreeSet<>(header.functions.keySet()), ElfExports.of(backend.library()));
    for (String function : header.functions.keySet()) {
      assertTrue(backend.exports(function), function);
    }
  }

  static List<String> libraries() {
    return List.of("cpu", "cuda", "emulated");
  }
}
