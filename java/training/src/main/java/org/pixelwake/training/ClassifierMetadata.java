package org.pixelwake.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pixelwake.base.InputException;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.training.target.TargetScale;

/// What the file of a classifier says beside its weights and its configuration: the meaning of its
/// outputs.
///
/// @param classes names of the classes, in the order of the logits
/// @param targets what stands behind the logits
/// @param unit of the energies
record ClassifierMetadata(List<String> classes, List<TargetScale> targets, EnergyUnit unit) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  ClassifierMetadata {
    classes = List.copyOf(classes);
    targets = List.copyOf(targets);
  }

  int outputs() {
    return classes.size() + TargetScale.columns(targets);
  }

  /// Adds classes and targets; the unit is in the metadata of every model.
  void writeTo(Map<String, String> metadata) {
    try {
      metadata.put("classes", JSON.writeValueAsString(classes));
      metadata.put("targets", JSON.writeValueAsString(targets));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static ClassifierMetadata of(TensorMap model) {
    List<String> classes = read(model, "classes", new TypeReference<>() {});
    List<TargetScale> targets = read(model, "targets", new TypeReference<>() {});
    String unit = Checkpoint.required(model, "unit").toUpperCase(Locale.ROOT);
    try {
      return new ClassifierMetadata(classes, targets, EnergyUnit.valueOf(unit));
    } catch (IllegalArgumentException e) {
      throw unusable(model, "unit", unit, e);
    }
  }

  private static <T> T read(TensorMap model, String key, TypeReference<T> type) {
    String text = Checkpoint.required(model, key);
    try {
      T value = JSON.readValue(text, type);
      if (value == null) {
        throw unusable(model, key, text, null);
      }
      return value;
    } catch (JsonProcessingException e) {
      throw unusable(model, key, text, e);
    }
  }

  private static InputException unusable(
      TensorMap model, String key, String text, @org.jspecify.annotations.Nullable Exception e) {
    return new InputException(
        model.source(),
        "__metadata__." + key,
        "is not what this version writes there: " + text,
        "Use the version of Pixelwake that wrote it",
        e);
  }
}
