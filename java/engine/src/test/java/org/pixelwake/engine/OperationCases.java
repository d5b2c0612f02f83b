package org.pixelwake.engine;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.pixelwake.engine.op.Operation;

/// The cases that are tested: those of the [CaseTable], from whose lines record and inputs follow,
/// and some drawn ones.
///
/// `mvn -pl java/engine test -Dtest=OperationTest -Dpixelwake.case="LINE" -Dpixelwake.seed=N` runs
/// one line alone, or several with semicolons between them.
final class OperationCases {
  private OperationCases() {}

  /// Keys the values of all cases and the shapes of the drawn ones.
  static final long SEED = Long.getLong("pixelwake.seed", 20260101L);

  /// An operation with inputs.
  ///
  /// @param aliases outputs that lie in an input's memory
  record Case(String line, Operation operation, TensorValues inputs, Map<Tensor, Tensor> aliases) {}

  static Case parse(String line) {
    Spec spec = new Spec(line);
    Draw draw = new Draw(SEED, line);
    Map<Tensor, Tensor> aliases = new HashMap<>();
    Operation operation = family(spec).operation(spec, draw, aliases);
    spec.checkAllRead();
    return new Case(line, operation, draw.values(), aliases);
  }

  /// The lines of `-Dpixelwake.case`, else the table and what is drawn beside it.
  static List<String> lines() {
    String asked = System.getProperty("pixelwake.case", "").strip();
    if (!asked.isEmpty()) {
      return List.of(asked.split("\\s*;\\s*"));
    }
    // A set, as the same line may be drawn twice.
    Set<String> lines = new LinkedHashSet<>(table());
    Random random = new Random(SEED);
    for (int i = 0; i < 150; i++) {
      lines.add(drawn(random));
    }
    return List.copyOf(lines);
  }

  /// The lines of the table that are tested.
  static List<String> table() {
    return CaseTable.rows().stream()
        .filter(CaseTable.Row::tested)
        .map(CaseTable.Row::line)
        .toList();
  }

  private static FamilyReference family(Spec spec) {
    FamilyReference family = Reference.families().get(spec.family());
    if (family == null) {
      throw new IllegalArgumentException("no family in the case `" + spec.line() + "`");
    }
    return family;
  }

  private static String drawn(Random random) {
    // A third is large enough to be cut into blocks and given to several threads.
    boolean large = random.nextInt(3) == 0;
    int n = 1 + random.nextInt(random.nextInt(6) == 0 ? 12 : 3);
    int h = 1 + random.nextInt(large ? 36 : 11);
    int w = 1 + random.nextInt(large ? 36 : 11);
    int c = 1 + random.nextInt(large ? 90 : 40);
    String storage = random.nextInt(3) == 0 ? "bf16" : "f32";
    String transform = List.of("none", "bn_silu", "bn_silu_gate").get(random.nextInt(3));
    boolean transposed = random.nextInt(3) == 0;
    int stride = transposed ? 2 : 1 + random.nextInt(2);
    String shape =
        switch (random.nextInt(3)) {
          case 0 -> "pointwise %s n%dh%dw%d" + "c%do%d".formatted(c, 1 + random.nextInt(50));
          case 1 ->
              "depthwise %s n%dh%dw%dc"
                  + c
                  + " k%ds%dt%d".formatted(3 + 2 * random.nextInt(2), stride, transposed ? 1 : 0);
          default ->
              "dense %s n%dh%dw%d"
                  + (transposed ? "c%do5" : "c3o%d").formatted(c)
                  + " k3s%dt%d".formatted(stride, transposed ? 1 : 0);
        };
    boolean backward = random.nextInt(5) > 1;
    String line =
        shape.formatted(backward ? "backward" : "forward", n, h, w)
            + " "
            + storage
            + " "
            + transform;
    if (!backward) {
      return line + (random.nextInt(4) > 0 ? " stats" : "") + bias(line, random);
    }
    String kind = List.of("plain", "bn", "bn_silu_gate").get(random.nextInt(3));
    line += " grad=" + kind;
    line += kind.equals("bn") && random.nextBoolean() ? " keep" : "";
    line += kind.equals("bn_silu_gate") && random.nextBoolean() ? " sites" : "";
    line += List.of("", " addend", " addend_in_place", " no_dx").get(random.nextInt(4));
    line += random.nextInt(5) == 0 ? " no_dweight" : "";
    return line + bias(line, random).toLowerCase(Locale.ROOT);
  }

  private static String bias(String line, Random random) {
    return !line.startsWith("depthwise") && random.nextInt(3) == 0 ? " bias" : "";
  }
}
