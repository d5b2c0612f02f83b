package org.pixelwake.run.study;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Trainings with few labels: every row with every number of labels, one draw of them a seed. Draws
/// of one seed are nested, and the same for all rows.
///
/// Each becomes a variation or a baseline of its own, named after its row and number
/// (`few-scratch-50`), so that all else treats it as one.
///
/// @param data name of the data, which have something to measure on
/// @param labels numbers of training clusters that are used, ascending
/// @param rows by name
public record FewLabelRows(String data, List<Integer> labels, Map<String, Row> rows) {
  /// The kind of a row.
  public enum Kind {
    /// A finetuning.
    @JsonProperty("network")
    NETWORK,
    /// Boosted trees on cluster features, tuned on the labels that there are.
    @JsonProperty("trees")
    TREES
  }

  /// A row.
  ///
  /// @param kind what it is; null: a network
  /// @param pretraining name of the pretraining whose encoder it starts from; null: a new encoder
  /// @param longer factor of the number of steps; 0: 1
  /// @param description for the table
  /// @param settings beside those that all finetunings share
  public record Row(
      @Nullable Kind kind,
      @Nullable String pretraining,
      int longer,
      @Nullable String description,
      @Nullable Map<String, Object> settings) {
    boolean trees() {
      return kind == Kind.TREES;
    }
  }

  /// The study has none.
  static final FewLabelRows NONE = new FewLabelRows("", List.of(), Map.of());

  private static final String STEPS = "steps";

  public FewLabelRows {
    data = Objects.toString(data, "");
    labels = labels == null ? List.of() : List.copyOf(labels);
    rows = rows == null ? Map.of() : new LinkedHashMap<>(rows);
  }

  /// Returns the name of the variation or baseline of a row and a number of labels.
  String name(String row, int count) {
    return "few-" + row + "-" + count;
  }

  /// Returns true where a variation or a baseline is one of these.
  boolean has(String name) {
    return rows.keySet().stream()
        .anyMatch(row -> labels.stream().anyMatch(count -> name(row, count).equals(name)));
  }

  private Map<String, Object> settings(Row row, int count, Map<String, Object> shared) {
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("train-labels", count);
    if (row.longer > 1
        && StudyPlan.merged(shared, row.settings, Map.of()).get(STEPS) instanceof Integer steps) {
      own.put(STEPS, steps * row.longer);
    }
    return StudyPlan.merged(Map.of(), row.settings, own);
  }

  /// Returns the variations that these are, by name.
  Map<String, StudyPlan.Variation> variations(Map<String, Object> shared) {
    Map<String, StudyPlan.Variation> all = new LinkedHashMap<>();
    rows.forEach((name, row) -> {
      if (!row.trees()) {
        for (int count : labels) {
          all.put(
              name(name, count),
              new StudyPlan.Variation(
                  data,
                  row.pretraining,
                  null,
                  null,
                  row.description,
                  settings(row, count, shared)));
        }
      }
    });
    return all;
  }

  /// Returns the baselines that these are, by name.
  Map<String, StudyPlan.Baseline> baselines(Map<String, Object> shared) {
    Map<String, StudyPlan.Baseline> all = new LinkedHashMap<>();
    rows.forEach((name, row) -> {
      if (row.trees()) {
        for (int count : labels) {
          all.put(
              name(name, count),
              new StudyPlan.Baseline(data, true, row.description, settings(row, count, shared)));
        }
      }
    });
    return all;
  }
}
