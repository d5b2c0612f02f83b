package org.pixelwake.timepix.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;

/// Key and value metadata in the foot of the file; the values are JSON or plain words.
final class DatasetMetadata {
  private static final String FORMAT_KEY = "pixelwake.dataset";
  private static final String FORMAT = "1";
  private static final String VERSION = "pixelwake.version";
  private static final String UNIT = "pixelwake.energy_unit";
  private static final String HAS_TOA = "pixelwake.has_toa";
  private static final String SOURCES = "pixelwake.sources";
  private static final String STATISTICS = "pixelwake.statistics";
  private static final String PROPERTIES = "pixelwake.properties";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String file;
  private final Map<String, String> values;

  private DatasetMetadata(String file, Map<String, String> values) {
    this.file = file;
    this.values = values;
  }

  static Map<String, String> write(DatasetInfo info, DatasetStatistics statistics) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(FORMAT_KEY, FORMAT);
    values.put(VERSION, info.version());
    values.put(UNIT, info.unit().name());
    values.put(HAS_TOA, Boolean.toString(info.hasToa()));
    values.put(SOURCES, text(info.sources().stream().map(DatasetMetadata::sourceNode).toList()));
    values.put(STATISTICS, text(statisticsNode(statistics)));
    values.put(PROPERTIES, text(info.properties()));
    return values;
  }

  private static ObjectNode sourceNode(SourceInfo source) {
    return JSON.createObjectNode()
        .put("file", source.file())
        .put("format", source.format())
        .put("detector", source.detector())
        .put("chip_id", source.chipId())
        .put("width", source.width())
        .put("height", source.height())
        .put("has_toa", source.hasToa())
        .put("energy_unit", source.unit().name())
        .putPOJO("metadata", source.metadata());
  }

  private static ObjectNode statisticsNode(DatasetStatistics statistics) {
    ObjectNode node = JSON.createObjectNode();
    node.put("clusters", statistics.clusters());
    node.put("hits", statistics.hits());
    ObjectNode histogram = node.putObject("hit_count_histogram");
    SizeHistogram sizes = statistics.sizes();
    histogram.put("base", sizes.bins().base());
    ArrayNode lower = histogram.putArray("lower");
    ArrayNode counts = histogram.putArray("counts");
    for (int bin = 0; bin < sizes.usedBins(); bin++) {
      lower.add(sizes.bins().lower(bin));
      counts.add(sizes.count(bin));
    }
    return node;
  }

  private static String text(Object node) {
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON cannot be written", e);
    }
  }

  /// Metadata of a file that is being read.
  ///
  /// @throws InputException where they are not those of a data set that this version reads
  static DatasetMetadata of(String file, Map<String, String> values) {
    String format = values.get(FORMAT_KEY);
    if (format == null) {
      throw new InputException(
          file,
          FORMAT_KEY,
          "a Parquet file without the metadata of a Pixelwake data set",
          "Make the file with the command dataset, or copy the file metadata when another program"
              + " rewrites it");
    }
    if (!format.equals(FORMAT)) {
      throw new InputException(
          file,
          FORMAT_KEY,
          "data set format " + format + " is not known, only " + FORMAT,
          "Use the version of Pixelwake that wrote it (" + values.get(VERSION) + ")");
    }
    return new DatasetMetadata(file, values);
  }

  DatasetInfo info() {
    List<SourceInfo> sources = new ArrayList<>();
    for (JsonNode node : json(SOURCES)) {
      sources.add(source(node));
    }
    return new DatasetInfo(
        sources,
        unit(UNIT, value(UNIT)),
        Boolean.parseBoolean(value(HAS_TOA)),
        value(VERSION),
        strings(json(PROPERTIES)));
  }

  DatasetStatistics statistics() {
    JsonNode node = json(STATISTICS);
    JsonNode histogram = member(STATISTICS, node, "hit_count_histogram");
    JsonNode counts = member(STATISTICS, histogram, "counts");
    SizeHistogram sizes;
    try {
      ExponentialBins bins = new ExponentialBins(member(STATISTICS, histogram, "base").asDouble());
      sizes = new SizeHistogram(bins);
      for (int bin = 0; bin < counts.size(); bin++) {
        sizes.addToBin(bin, counts.path(bin).asLong());
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw damaged(STATISTICS, "its histogram cannot be read: " + e.getMessage(), e);
    }
    return new DatasetStatistics(
        member(STATISTICS, node, "clusters").asLong(),
        member(STATISTICS, node, "hits").asLong(),
        sizes);
  }

  private SourceInfo source(JsonNode node) {
    return new SourceInfo(
        member(SOURCES, node, "file").asText(),
        member(SOURCES, node, "format").asText(),
        member(SOURCES, node, "detector").asText(),
        member(SOURCES, node, "chip_id").asText(),
        member(SOURCES, node, "width").asInt(),
        member(SOURCES, node, "height").asInt(),
        member(SOURCES, node, "has_toa").asBoolean(),
        unit(SOURCES, member(SOURCES, node, "energy_unit").asText()),
        strings(member(SOURCES, node, "metadata")));
  }

  private EnergyUnit unit(String key, String name) {
    try {
      return EnergyUnit.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw damaged(key, "unknown energy unit \"" + name + "\"", e);
    }
  }

  private static Map<String, String> strings(JsonNode node) {
    Map<String, String> strings = new LinkedHashMap<>();
    node.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
    return strings;
  }

  private JsonNode member(String key, JsonNode node, String name) {
    JsonNode member = node.get(name);
    if (member == null || member.isNull()) {
      throw damaged(key, "\"" + name + "\" is missing", null);
    }
    return member;
  }

  private String value(String key) {
    String value = values.get(key);
    if (value == null) {
      throw damaged(key, "it is missing", null);
    }
    return value;
  }

  private JsonNode json(String key) {
    try {
      return JSON.readTree(value(key));
    } catch (JsonProcessingException e) {
      throw damaged(key, "it is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private InputException damaged(String key, String problem, @Nullable Throwable cause) {
    String remedy = "Make the file again with the command dataset";
    return new InputException(file, "metadata " + key, problem, remedy, cause);
  }
}
