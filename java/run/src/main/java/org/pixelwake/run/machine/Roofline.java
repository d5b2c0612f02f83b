package org.pixelwake.run.machine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Cost;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Limits;
import org.pixelwake.engine.NativeException;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.TextTable;
import org.pixelwake.training.benchmark.StepBenchmark.Timed;

/// What the operations of a step cost, the time that they need at least within the limits of a
/// device, and, where they were timed, how far they are from it.
///
/// @param limits of the device
/// @param images of the step
/// @param timed whether the operations' times were measured
public record Roofline(Limits limits, int images, boolean timed) {
  private static final int UNSUPPORTED = 2;

  /// The words of `--help` on the fields of the JSON.
  public static final String LIMITS_FIELDS =
      "limits: fma_gflops (f32 arithmetic), dot_gflops (bf16 dot products; 0: none), memory_gbs,"
          + " cache_gbs (bytes read and written), silu_gps (1e9 SiLU a second).";

  /// As above.
  public static final String COST_FIELDS =
      "family, direction, calls, mb_per_image, mflop_per_image, activations_per_image, flop_per_byte,"
          + " bound_ms (of a step, at the limits), bound_by (memory, arithmetic or activation)";

  /// As above.
  public static final String TIME_FIELDS =
      "time_ms (of a step), share_percent, gbs, gflops, percent_of_bound";

  /// Operations of one kind.
  ///
  /// @param shape empty where they are of many shapes
  /// @param bound the limit that most of `boundSeconds` is owed to
  /// @param boundSeconds the sum of what each needs at least
  /// @param seconds the sum of their times; 0 where they were not measured
  public record Row(
      String family,
      String direction,
      String shape,
      int calls,
      Cost cost,
      Limits.Bound bound,
      double boundSeconds,
      double seconds) {
    double percentOfBound() {
      return seconds == 0 ? 0 : 100 * boundSeconds / seconds;
    }
  }

  /// Measures the limits of a device.
  ///
  /// @throws InputException where the backend has no such measurement
  public static Limits limits(Device device) {
    try {
      return Limits.measure(device);
    } catch (NativeException e) {
      if (e.status() != UNSUPPORTED) {
        throw e;
      }
      throw new InputException(
          "--device " + device.backend().name(),
          "its limits cannot be measured (" + e.getMessage() + ")",
          "Use --device cpu");
    }
  }

  /// All operations as one.
  public Row total(List<Timed> operations) {
    return row("total", "", "", operations);
  }

  /// Operations by family and direction, the longest first.
  public List<Row> families(List<Timed> operations) {
    return rows(operations, operation -> "");
  }

  /// Operations by family, direction and shape, the longest first.
  public List<Row> shapes(List<Timed> operations) {
    return rows(operations, Operation::shape);
  }

  private List<Row> rows(List<Timed> operations, Function<Operation, String> shape) {
    Map<List<String>, List<Timed>> groups = new LinkedHashMap<>();
    for (Timed timed : operations) {
      Operation one = timed.operation();
      groups
          .computeIfAbsent(
              List.of(one.family(), one.direction().label(), shape.apply(one)),
              key -> new ArrayList<>())
          .add(timed);
    }
    List<Row> rows = new ArrayList<>();
    groups.forEach(
        (names, group) -> rows.add(row(names.get(0), names.get(1), names.get(2), group)));
    rows.sort(
        Comparator.comparingDouble((Row row) -> timed ? row.seconds : row.boundSeconds).reversed());
    return rows;
  }

  private Row row(String family, String direction, String shape, List<Timed> group) {
    Cost cost = Cost.NONE;
    double bound = 0;
    double seconds = 0;
    Map<Limits.Bound, Double> byBound = new EnumMap<>(Limits.Bound.class);
    for (Timed one : group) {
      Cost ofOne = one.operation().cost();
      cost = cost.plus(ofOne);
      bound += limits.seconds(ofOne);
      byBound.merge(limits.bound(ofOne), limits.seconds(ofOne), Double::sum);
      seconds += one.seconds();
    }
    Limits.Bound most =
        byBound.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    return new Row(family, direction, shape, group.size(), cost, most, bound, seconds);
  }

  /// Prints the limits.
  public void printLimits(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "measured limits: %.0f GFLOP/s f32, %s, %.1f GB/s memory, %.0f GB/s cache, %.2f G SiLU/s%n",
        1e-9 * limits.fma(),
        limits.dot() > 0
            ? String.format(Locale.ROOT, "%.0f GFLOP/s bf16 dot products", 1e-9 * limits.dot())
            : "no bf16 dot products",
        1e-9 * limits.memory(),
        1e-9 * limits.cache(),
        1e-9 * limits.silu());
  }

  /// A figure of a row, in tables and in JSON.
  ///
  /// @param header of the column in tables
  /// @param factor of the figure in tables
  /// @param decimals in tables
  /// @param field in JSON
  private record Column(
      String header, double factor, int decimals, String field, ToDoubleFunction<Row> value) {
    String text(Row row) {
      return String.format(Locale.ROOT, "%." + decimals + "f", factor * value.applyAsDouble(row));
    }
  }

  private List<Column> costs() {
    return List.of(
        new Column("MB/image", 1, 3, "mb_per_image", row -> 1e-6 * row.cost.bytes() / images),
        new Column("MFLOP/image", 1, 2, "mflop_per_image", row -> 1e-6 * row.cost.flops() / images),
        new Column(
            "k act/image",
            1e-3,
            1,
            "activations_per_image",
            row -> (double) row.cost.activations() / images),
        new Column("FLOP/B", 1, 1, "flop_per_byte", row -> row.cost.intensity()),
        new Column("bound ms", 1, 3, "bound_ms", row -> 1e3 * row.boundSeconds));
  }

  private static List<Column> times(Row total) {
    return List.of(
        new Column("ms", 1, 3, "time_ms", row -> 1e3 * row.seconds),
        new Column("share %", 1, 1, "share_percent", row -> 100 * row.seconds / total.seconds),
        new Column("GB/s", 1, 1, "gbs", row -> 1e-9 * row.cost.bytes() / row.seconds),
        new Column("GFLOP/s", 1, 1, "gflops", row -> 1e-9 * row.cost.flops() / row.seconds),
        new Column("% of bound", 1, 0, "percent_of_bound", Row::percentOfBound));
  }

  /// Prints what operations cost.
  public void printCosts(PrintWriter out, List<Row> rows, Row total) {
    print(out, rows, total, costs());
  }

  /// Prints how long operations took.
  public void printTimes(PrintWriter out, List<Row> rows, Row total) {
    print(out, rows, total, times(total));
    if (rows.stream().anyMatch(row -> row.percentOfBound() > 100)) {
      out.println(
          "Above 100 %: the data were in a cache, which is faster than the memory of the bound.");
    }
  }

  private static void print(PrintWriter out, List<Row> rows, Row total, List<Column> columns) {
    List<String> words = new ArrayList<>(List.of("family", "direction"));
    boolean shapes = rows.stream().anyMatch(row -> !row.shape.isEmpty());
    if (shapes) {
      words.add("shape");
    }
    List<String> header = new ArrayList<>(words);
    header.add("calls");
    columns.forEach(column -> header.add(column.header));
    header.add("bound by");
    TextTable table = new TextTable(words.size(), header.toArray(String[]::new));
    for (Row row : Stream.concat(rows.stream(), Stream.of(total)).toList()) {
      List<String> cells = new ArrayList<>(List.of(row.family, row.direction));
      if (shapes) {
        cells.add(row.shape);
      }
      cells.add(Integer.toString(row.calls));
      columns.forEach(column -> cells.add(column.text(row)));
      cells.add(bound(row));
      table.add(cells.toArray(String[]::new));
    }
    table.print(out);
  }

  private static String bound(Row row) {
    return row.bound.name().toLowerCase(Locale.ROOT);
  }

  /// The limits for programs.
  public ObjectNode limitsJson() {
    ObjectNode node = JsonOutput.object();
    node.put("fma_gflops", 1e-9 * limits.fma());
    node.put("dot_gflops", 1e-9 * limits.dot());
    node.put("memory_gbs", 1e-9 * limits.memory());
    node.put("cache_gbs", 1e-9 * limits.cache());
    node.put("silu_gps", 1e-9 * limits.silu());
    return node;
  }

  /// Rows for programs.
  public ArrayNode json(List<Row> rows, Row total) {
    ArrayNode array = JsonOutput.array();
    rows.forEach(row -> array.add(json(row, total)));
    return array;
  }

  /// Every operation for programs, in the order in which they run.
  public ArrayNode operationsJson(List<Timed> operations, Row total) {
    return json(operations.stream().map(one -> shapes(List.of(one)).getFirst()).toList(), total);
  }

  /// A row for programs.
  public ObjectNode json(Row row, Row total) {
    ObjectNode node = JsonOutput.object();
    node.put("family", row.family);
    node.put("direction", row.direction);
    if (!row.shape.isEmpty()) {
      node.put("shape", row.shape);
    }
    node.put("calls", row.calls);
    costs().forEach(column -> node.put(column.field, column.value.applyAsDouble(row)));
    node.put("bound_by", bound(row));
    if (timed) {
      times(total).forEach(column -> node.put(column.field, column.value.applyAsDouble(row)));
    }
    return node;
  }
}
