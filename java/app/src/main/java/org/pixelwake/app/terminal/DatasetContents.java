package org.pixelwake.app.terminal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.Texts;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.timepix.dataset.DatasetStatistics;
import org.pixelwake.timepix.dataset.SizeHistogram;

/// A Parquet data set.
public record DatasetContents(
    String file, DatasetInfo info, DatasetStatistics statistics, boolean hasTruth)
    implements Contents {
  public static DatasetContents read(Path file) {
    try (DatasetReader reader = DatasetReader.open(file)) {
      return new DatasetContents(
          file.toString(), reader.info(), reader.statistics(), reader.hasTruth());
    }
  }

  @Override
  public void print(Console console) {
    PrintWriter out = console.out();
    out.println(file);
    Contents.fact(out, "format", "data set of clusters (Parquet), written by " + info.version());
    Contents.fact(
        out,
        "values",
        Contents.quantity(info.unit()) + (info.hasToa() ? ", time of each hit" : ", no times"));
    Contents.fact(out, "hits", Texts.count(statistics.hits()));
    Contents.fact(out, "clusters", Texts.count(statistics.clusters()));
    if (hasTruth) {
      Contents.fact(out, "truth", "the particles of clusters are known (column particle)");
    }
    for (SourceInfo source : info.sources()) {
      Contents.fact(
          out, "source", source.file() + " (" + source.format() + ", " + source.detector() + ")");
    }
    Bars.print(console, "clusters by number of hits", statistics.sizes());
    Contents.metadata(console, info.properties());
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = JsonOutput.object();
    node.put("file", file);
    node.put("kind", "dataset");
    node.put("format", "parquet");
    node.put("hits", statistics.hits());
    node.put("clusters", statistics.clusters());
    node.put("energy_unit", info.unit().label());
    node.put("has_toa", info.hasToa());
    node.put("has_truth", hasTruth);
    node.put("version", info.version());
    ArrayNode sources = node.putArray("sources");
    for (SourceInfo source : info.sources()) {
      ObjectNode one = sources.addObject();
      one.put("file", source.file()).put("format", source.format());
      one.put("detector", source.detector()).put("chip", source.chipId());
      one.put("width", source.width()).put("height", source.height());
    }
    SizeHistogram histogram = statistics.sizes();
    ArrayNode sizes = node.putArray("sizes");
    for (int bin = 0; bin < histogram.usedBins(); bin++) {
      ObjectNode one = sizes.addObject();
      one.put("from", histogram.bins().lower(bin)).put("to", histogram.bins().upper(bin));
      one.put("clusters", histogram.count(bin));
    }
    return node.putPOJO("properties", info.properties());
  }
}
