package org.pixelwake.timepix.dataset;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;

/// What a data set says of itself, beside its rows.
///
/// @param sources the files that the clusters come from; the rows name them by their index here
/// @param unit unit of every energy value; one data set has one unit
/// @param hasToa whether any source has times of arrival; the clusters of the others have all zeros
/// @param version version of Pixelwake that wrote it
/// @param properties further facts by name, such as the options of the clustering, in order
public record DatasetInfo(
    List<SourceInfo> sources,
    EnergyUnit unit,
    boolean hasToa,
    String version,
    Map<String, String> properties) {

  public DatasetInfo {
    sources = List.copyOf(sources);
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }

  /// Info of a data set from one source; more can follow through [#withSource].
  public static DatasetInfo of(String version, SourceInfo source) {
    return new DatasetInfo(List.of(source), source.unit(), source.hasToa(), version, Map.of());
  }

  /// Info of a data set from several sources.
  ///
  /// @throws InputException where their energy units differ
  /// @throws IllegalArgumentException where there is no source
  public static DatasetInfo of(String version, List<SourceInfo> sources) {
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("a data set has at least one source");
    }
    DatasetInfo info = of(version, sources.getFirst());
    for (SourceInfo source : sources.subList(1, sources.size())) {
      info = info.withSource(source);
    }
    return info;
  }

  /// Returns the info with one more source at the end of the list.
  ///
  /// @throws InputException where its energy unit differs
  public DatasetInfo withSource(SourceInfo source) {
    if (source.unit() != unit) {
      throw new InputException(
          source.file(),
          "its energies are in " + source.unit() + ", those before in " + unit,
          "Calibrate all files or none, or write two data sets");
    }
    List<SourceInfo> more = new ArrayList<>(sources);
    more.add(source);
    return new DatasetInfo(more, unit, hasToa || source.hasToa(), version, properties);
  }

  /// Returns the info with more properties, or other values of them.
  public DatasetInfo withProperties(Map<String, String> further) {
    Map<String, String> more = new LinkedHashMap<>(properties);
    more.putAll(further);
    return new DatasetInfo(sources, unit, hasToa, version, more);
  }
}
