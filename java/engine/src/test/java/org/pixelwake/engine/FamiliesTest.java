package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.pixelwake.engine.op.Operation;

/// The registry of families (`native/api/table.h`) names every family, and whatever is said of a
/// family stands where its name leads. That every table is whole, a device checks when it is
/// opened.
final class FamiliesTest {
  private static final Pattern ENTRY = Pattern.compile("\\bX\\((\\w+)\\)");

  private final Path root = Header.root();

  private List<String> registry() throws IOException {
    String text = Files.readString(root.resolve("native/api/table.h"));
    List<String> families = new ArrayList<>();
    Matcher entry = ENTRY.matcher(text);
    while (entry.find()) {
      families.add(entry.group(1));
    }
    assertTrue(families.size() > 5, families + " parsed");
    assertEquals(families.size(), Set.copyOf(families).size(), "a family is named twice");
    return families;
  }

  @Test
  void everySectionOfTheHeaderIsOfARegisteredFamily() throws IOException {
    Set<String> sections = new TreeSet<>();
    for (String title : new Header().sections) {
      sections.addAll(Arrays.asList(title.substring(title.indexOf(':') + 1).strip().split(", ")));
    }
    // What serves all of them.
    sections.removeAll(Set.of("runtime", "views"));
    assertEquals(new TreeSet<>(registry()), sections);
  }

  @Test
  void everyFamilyHasItsFilesAndFillsTheTables() throws IOException {
    for (String family : registry()) {
      assertTrue(
          Files.isRegularFile(root.resolve("native/api/" + family + ".cpp")),
          family + " has no C interface in native/api");
      for (String kernels :
          List.of("native/cpu/isa/" + family + ".cpp", "kernels/" + family + ".cu")) {
        String text = Files.readString(root.resolve(kernels));
        assertTrue(text.contains("void fill_" + family + "(Kernels &"), kernels);
      }
    }
  }

  @Test
  void everyFamilyHasAReferenceAndRowsInTheTable() throws IOException {
    Set<String> registry = new TreeSet<>(registry());
    assertEquals(registry, new TreeSet<>(Reference.families().keySet()));
    assertEquals(registry, familiesOf(row -> true));
    assertEquals(registry, familiesOf(CaseTable.Row::tested));
    // The path of inference and networks over hits are timed as a whole.
    registry.removeAll(Set.of("inference", "hits"));
    assertEquals(registry, familiesOf(row -> !row.timedAs().isEmpty()));
  }

  private static Set<String> familiesOf(Predicate<CaseTable.Row> wanted) {
    return CaseTable.rows().stream()
        .filter(wanted)
        .map(row -> new Spec(row.line()).family())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// The records say the same of their families as the table.
  @Test
  void everyTimedCaseIsAnOperationOfItsFamily() {
    for (CaseTable.Row row : CaseTable.rows()) {
      if (row.tested()) {
        Operation operation = OperationCases.parse(row.line()).operation();
        assertEquals(new Spec(row.line()).family(), operation.family(), row.line());
      }
    }
  }
}
